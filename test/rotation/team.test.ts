import { describe, expect, test } from '@jest/globals';
import { everythingOf } from '../support/canaries';
import { LIVE, leaks, NEXT, RotationWorld, secretText } from './rotation-world';
import { SecretModel } from './secrets-manager-model';

const OURS = 'org_ours';
const ROW = { org_id: OURS };

function worldWhere(row: object, claims: unknown): RotationWorld {
  const world = new RotationWorld(new SecretModel(secretText(LIVE, NEXT, { ...row })));
  world.fiskil.claims = claims;
  return world;
}

describe('a staged pair of another Fiskil team than the row org_id says', () => {
  test.each(['testSecret', 'finishSecret'])('fails for good in %s, and nothing quotes either', async (step) => {
    const world = worldWhere(ROW, { org_id: 'org_canary' });
    const before = world.secret.labelled('AWSCURRENT');
    world.secret.begin('token');
    await world.invoke('createSecret');
    const error = await world.fail(step);
    expect(error.message).toMatch(/^The staged pair belongs to another Fiskil team than the row org_id says: /);
    expect(error.kind).toBe('definitive');
    expect([world.secret.labelled('AWSCURRENT'), world.secret.labelled('AWSPENDING')]).toEqual([before, undefined]);
    const said = everythingOf([error, world.lines]);
    expect(leaks(said)).toEqual([]);
    expect(said).not.toContain(OURS);
  });
});

test('a staged pair of the right team becomes current, and the row is still there', async () => {
  const world = worldWhere(ROW, { org_id: OURS });
  await world.rotate();
  expect(world.secret.currentText).toBe(secretText(NEXT, undefined, ROW));
  expect(world.lines.at(-1)?.detail).toMatch(/, and its token names the team in the row org_id$/);
});

test.each([
  ['no JWT', undefined],
  ['no object', ['org_id', OURS]],
  ['without a team', { scope: 'api:banking' }],
  ['with a number for a team', { org_id: 7 }],
  ['with an empty team', { org_id: '' }],
  ['of 60 KB', { padding: 'x'.repeat(45_000) }],
])('a token that is %s passes, and the log says that it was not checked', async (_what, claims) => {
  const world = worldWhere(ROW, claims);
  await world.rotate();
  expect(world.secret.labelled('AWSCURRENT')).toBe('token');
  expect(world.lines.filter(({ detail }) => /token names no team/.test(detail)).map(({ step }) => step)).toEqual([
    'testSecret',
    'finishSecret',
  ]);
});

test.each([
  ['no row', {}],
  ['an empty row', { org_id: '' }],
  // The names of rows are compared as they are written, as those of the pair are.
  ['a row of another case', { Org_Id: OURS }],
])('with %s no team is asked for', async (_what, row) => {
  const world = worldWhere(row, { org_id: 'org_theirs' });
  await world.rotate();
  expect(world.secret.currentText).toBe(secretText(NEXT, undefined, row));
  expect(world.lines.map(({ detail }) => detail).join()).not.toMatch(/team/);
});
