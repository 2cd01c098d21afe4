import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { promotedText } from '../../lambda/rotation/staged-pair';
import { parsePair } from '../../lambda/secret/parse-pair';
import { LIVE, NEXT, RotationWorld, secretText } from './rotation-world';
import { SecretModel } from './secrets-manager-model';

const q = JSON.stringify;
const STAGED = `"next_client_id":${q(NEXT.clientId)},"next_client_secret":${q(NEXT.clientSecret)}`;
const LIVE_TEXT = `"client_id":${q(LIVE.clientId)},"client_secret":${q(LIVE.clientSecret)}`;
const NEXT_TEXT = `"client_id":${q(NEXT.clientId)},"client_secret":${q(NEXT.clientSecret)}`;

test.each([
  ['a number of more digits than JavaScript has', '"x":3791411052119578828'],
  ['a number beyond what JavaScript has', '"x":1e400'],
  ['a number with zeros that say nothing', '"x":1.500,"y":-0,"z":1E+2'],
  ['a repeated key', '"x":1,"x":2'],
  ['keys that JavaScript puts first', '"b":1,"10":2,"2":3'],
  ['a key that JavaScript takes for a prototype', '"__proto__":{"y":1}'],
  ['escapes', String.raw`"\u0078":"caf\u00e9 \/ \ud83d\ude00 \ud800"`],
  ['spaces', '"x"  :\t[ 1 ,\r\n  2 ]'],
  ['a row in another case', '"Client_Id":"theirs","NEXT_CLIENT_ID":"theirs"'],
  ['a row named as ours, further in', '"x":{"next_client_id":"theirs","client_id":"theirs"}'],
])('a rotation keeps the text of %s', async (_what, rows) => {
  const world = new RotationWorld(new SecretModel(`{${LIVE_TEXT},${rows},${STAGED}}`));
  await world.rotate();
  expect(world.secret.currentText).toBe(`{${NEXT_TEXT},${rows}}`);
});

test('a rotation keeps the lines of a secret that was laid out by hand', async () => {
  const laidOut = (rows: readonly string[]) => `{\n  ${rows.join(',\n  ')}\n}\n`;
  const [, nextId = '', nextSecret = ''] = /^(.*),("next_client_secret.*)$/.exec(STAGED) ?? [];
  const world = new RotationWorld(
    new SecretModel(
      laidOut([
        nextId,
        '"note": "ours"',
        ...LIVE_TEXT.split(',"client').map((row, n) => (n ? `"client${row}` : row)),
        nextSecret,
      ]),
    ),
  );
  await world.rotate();
  expect(world.secret.currentText).toBe(`{"note": "ours",\n  ${NEXT_TEXT.replace(',"client', ',\n  "client')}\n}\n`);
});

test('of a repeated row of ours, the last one counts and one is left', () => {
  const text = `{${STAGED},"client_id":"canary-old","next_client_id":"canary-x",${LIVE_TEXT},${STAGED}}`;
  expect(promotedText(text)).toBe(`{${NEXT_TEXT}}`);
});

test('a secret without live rows gets them', () => {
  expect(JSON.parse(promotedText(`{${STAGED}}`))).toEqual({
    client_id: NEXT.clientId,
    client_secret: NEXT.clientSecret,
  });
});

test('a byte order mark in front of the secret is taken off, by both functions', async () => {
  expect(parsePair(`\ufeff${secretText(LIVE)}`)).toEqual(LIVE);
  const world = new RotationWorld(new SecretModel(`\ufeff${secretText(LIVE, NEXT)}`));
  await world.rotate();
  expect(world.secret.currentText).toBe(secretText(NEXT));
});

const space = fc.stringMatching(/^[ \t\r\n]{0,3}$/);
/** A member of an object as somebody may have written it: any key but ours, any value, spaces wherever JSON lets them be. */
const member = fc
  .record({
    key: fc.string({ unit: 'binary' }),
    value: fc.json({ maxDepth: 3 }),
    spaces: fc.array(space, { minLength: 4, maxLength: 4 }),
  })
  .filter(({ key }) => !/^(next_)?client_(id|secret)$/.test(key))
  .map(({ key, value, spaces: [a, b, c, d] }) => `${a}${q(key)}${b}:${c}${value}${d}`);

test('whatever stands beside the pair, each member keeps its text and its place', () => {
  const rows = [...LIVE_TEXT.split(/,(?="client)/), ...STAGED.split(/,(?="next)/)];
  fc.assert(
    fc.property(fc.array(member), fc.array(fc.nat(20), { minLength: 4, maxLength: 4 }), (others, places) => {
      const members = [...others];
      for (const [n, row] of rows.entries()) members.splice((places[n] ?? 0) % (members.length + 1), 0, row);

      const promoted = promotedText(`{${members.join(',')}}`);

      expect(parsePair(promoted)).toEqual(NEXT);
      // Cut out of it in their order, they leave the pair, commas and spaces.
      let at = 0;
      let rest = '';
      for (const text of others.map((each) => each.trim())) {
        const found = promoted.indexOf(text, at);
        expect(found).toBeGreaterThanOrEqual(at);
        rest += promoted.slice(at, found);
        at = found + text.length;
      }
      const left = (rest + promoted.slice(at)).replace(q(NEXT.clientId), '').replace(q(NEXT.clientSecret), '');
      expect(left.replace(/[\s,:{}]/g, '')).toMatch(/^("client_id""client_secret"|"client_secret""client_id")$/);
    }),
    { numRuns: 300 },
  );
});
