import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { SecretsManagerVersions } from '../../lambda/aws/secret-versions';
import { VendingError } from '../../lambda/vending/errors';
import { BAD_PASTES } from '../secret/bad-pastes';
import { BAD_STAGED_PASTES } from './bad-pastes';
import { LIVE, NEXT, REFUSED, RotationWorld, secretText } from './rotation-world';
import { SecretModel } from './secrets-manager-model';

const ROOT = join(__dirname, '../..');

/** Where all sentences come from that are about a secret or a rotation. */
const SOURCES = ['lambda/rotation', 'lambda/secret/parse-pair.ts', 'lambda/aws/secret-versions.ts'].flatMap((path) =>
  path.endsWith('.ts') ? [path] : ['failure', 'function', 'staged-pair', 'steps'].map((file) => `${path}/${file}.ts`),
);

/** Each message of the code, by a fault that brings it about. (Their own tests show that these ones do.) */
async function produced(): Promise<string[]> {
  const pastes = [...BAD_PASTES, ...BAD_STAGED_PASTES].map(([, , sentence]) => sentence);
  const faults = await Promise.all([
    failed('setSecret', () => undefined, 'unknown'),
    failed('steal', () => undefined),
    failed('setSecret', ({ secret }) => {
      secret.isRotationEnabled = false;
    }),
    failed('setSecret', ({ secret }) => {
      secret.describe = () => Promise.reject(new TypeError());
    }),
    failed('setSecret', ({ secret }) => {
      const client = { send: () => Promise.reject(new Error()) };
      secret.describe = () => new SecretsManagerVersions(client as never).describe('any');
    }),
    failed('finishSecret', ({ secret }) => {
      secret.read = async () => undefined;
    }),
    failed('finishSecret', ({ fiskil }) => {
      fiskil.failure = new VendingError('upstream_unavailable', 'any', undefined, 'HTTP 503');
    }),
    failed('finishSecret', () => undefined, 'token', secretText(LIVE, REFUSED)),
    failed(
      'testSecret',
      ({ fiskil }) => {
        fiskil.claims = { org_id: 'theirs' };
      },
      'token',
      secretText(LIVE, NEXT, { org_id: 'ours' }),
    ),
  ]);
  return [...pastes, ...faults];
}

async function failed(
  step: string,
  prepare: (world: RotationWorld) => void,
  token = 'token',
  text?: string,
): Promise<string> {
  const world = text === undefined ? new RotationWorld() : new RotationWorld(new SecretModel(text));
  world.secret.begin('token');
  await world.invoke('createSecret');
  prepare(world);
  return (await world.fail(step, token)).message;
}

/** A text in which some parts differ from case to case, as a pattern. */
function pattern(text: string, differs: RegExp): RegExp {
  const parts = text.split(differs).map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('.+')}$`, 'i');
}

const documented = readFileSync(join(ROOT, 'docs/rotation.md'), 'utf8')
  .split('\n')
  .flatMap((line) => /^\| `([^`]+)` \| \S/.exec(line)?.[1] ?? []);

test('each message in the table is one that the code produces', async () => {
  const messages = await produced();
  expect(documented.length).toBeGreaterThan(15);
  expect(documented.filter((sentence) => !messages.some((message) => pattern(sentence, /…/).test(message)))).toEqual(
    [],
  );
});

test('each message that the code produces is in the table, once', async () => {
  for (const message of await produced()) {
    expect(documented.filter((sentence) => pattern(sentence, /…/).test(message))).toEqual([expect.any(String)]);
  }
});

test('the faults above bring about every message that is written in the code', async () => {
  const messages = await produced();
  const literal = /(?:\bunconfigured|new RotationFailure|\bsuper)\(\s*(['`])((?:\\.|(?!\1).)+)\1/gs;
  const written = SOURCES.flatMap((source) =>
    [...readFileSync(join(ROOT, source), 'utf8').matchAll(literal)].map((match) => match[2] ?? ''),
  );
  expect(written.length).toBeGreaterThan(15);
  // `unconfigured` adds the full stop.
  const isProduced = (text: string) =>
    messages.some((message) => [text, `${text}.`].some((whole) => pattern(whole, /\$\{[^}]+\}/).test(message)));
  expect(written.filter((text) => !isProduced(text))).toEqual([]);
});
