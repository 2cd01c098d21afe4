import { describe, expect, test } from '@jest/globals';
import { everythingOf } from '../support/canaries';
import { BAD_STAGED_PASTES } from './bad-pastes';
import { leaks, RotationWorld } from './rotation-world';
import { SecretModel } from './secrets-manager-model';

describe('a bad paste that is staged', () => {
  test.each(BAD_STAGED_PASTES)('%s: has its sentence, which holds nothing of the value', async (_, text, sentence) => {
    const world = new RotationWorld(new SecretModel(text));
    world.secret.begin('token');
    const error = await world.fail('createSecret');
    expect(error.message).toBe(sentence);
    expect(world.lines).toMatchObject([{ step: 'createSecret', outcome: 'failed', detail: sentence }]);
    const said = everythingOf([error, world.lines]);
    expect(leaks(said)).toEqual([]);
    expect(said).not.toContain('12345678');
  });

  test.each(BAD_STAGED_PASTES)('%s: leaves AWSCURRENT, and the next press starts afresh', async (_, text) => {
    const world = new RotationWorld(new SecretModel(text));
    const before = world.secret.labelled('AWSCURRENT');
    world.secret.begin('token');
    await world.fail('createSecret');
    expect(world.secret.labelled('AWSCURRENT')).toBe(before);
    expect(world.secret.labelled('AWSPENDING')).toBeUndefined();
    expect(world.fiskil.asked).toEqual([]);
  });

  test('in a secret that never had a value is said to be empty', async () => {
    const world = new RotationWorld();
    world.secret.describe = async () => ({
      name: 'fiskil/default',
      isRotationEnabled: true,
      labels: { token: ['AWSPENDING'] },
    });
    expect((await world.fail('createSecret')).message).toMatch(/^The secret has no text;/);
  });
});
