import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { expect, test } from '@jest/globals';
import { SecretsManagerVersions } from '../../lambda/aws/secret-versions';
import { RotationAbandoned, RotationFailure } from '../../lambda/rotation/failure';
import { CANARY } from './rotation-world';

type Answers = Readonly<Record<string, object>>;

/** The door with an SDK client that answers each command with the output or error under its name. */
function door(answers: Answers) {
  const sent: { name: string; input: object }[] = [];
  const client = {
    send: async (command: { readonly input: object }) => {
      const name = command.constructor.name.replace(/Command$/, '');
      sent.push({ name, input: command.input });
      const answer = answers[name] ?? {};
      if (answer instanceof Error) {
        throw answer;
      }
      return answer;
    },
  };
  return { versions: new SecretsManagerVersions(client as unknown as SecretsManagerClient), sent };
}

/** An error of the SDK. Its message may quote the request, so only its name counts. */
const refusal = (name: string) => Object.assign(new Error(`${CANARY} quoted`), { name });

test('a rotation is on unless AWS says that it is off', async () => {
  const of = async (output: object) =>
    (await door({ DescribeSecret: output }).versions.describe('s')).isRotationEnabled;
  expect([await of({}), await of({ RotationEnabled: true }), await of({ RotationEnabled: false })]).toEqual([
    true,
    true,
    false,
  ]);
});

test('versions are read by their ids, and a version without a value counts as missing', async () => {
  const { versions, sent } = door({ GetSecretValue: { SecretString: 'text' } });
  expect(await versions.read('secret', 'v1')).toEqual({ text: 'text' });
  expect(sent).toEqual([{ name: 'GetSecretValue', input: { SecretId: 'secret', VersionId: 'v1' } }]);
  expect(await door({ GetSecretValue: refusal('ResourceNotFoundException') }).versions.read('s', 'v1')).toBeUndefined();
  expect(await door({ GetSecretValue: { SecretBinary: new Uint8Array() } }).versions.read('s', 'v1')).toEqual({});
  expect(await door({ GetSecretValue: {} }).versions.read('s', 'v1')).toBeUndefined();
});

test('a version is filled as pending under its own id, once', async () => {
  const { versions, sent } = door({});
  await versions.fill('secret', 'v2', 'text');
  expect(sent[0]?.input).toEqual({
    SecretId: 'secret',
    ClientRequestToken: 'v2',
    SecretString: 'text',
    VersionStages: ['AWSPENDING'],
  });
  await door({ PutSecretValue: refusal('ResourceExistsException') }).versions.fill('s', 'v2', 'other');
});

test('AWSCURRENT is moved from the version that was seen', async () => {
  const { versions, sent } = door({});
  await versions.promote('secret', 'v2', 'v1');
  expect(sent).toEqual([
    {
      name: 'UpdateSecretVersionStage',
      input: { SecretId: 'secret', VersionStage: 'AWSCURRENT', MoveToVersionId: 'v2', RemoveFromVersionId: 'v1' },
    },
  ]);
});

test.each([
  ['there already, because an answer was lost, is done', { v2: ['AWSCURRENT'], v1: ['AWSPREVIOUS'] }, undefined],
  ['elsewhere, because of an edit, is abandoned', { v3: ['AWSCURRENT'], v2: ['AWSPENDING'] }, new RotationAbandoned()],
  [
    'still at its old version, because the answer lags, is a passing failure',
    { v1: ['AWSCURRENT'], v2: ['AWSPENDING'] },
    expect.objectContaining({ kind: 'passing' }),
  ],
])('a promotion whose AWSCURRENT is %s', async (_, labels, failure) => {
  const { versions } = door({
    UpdateSecretVersionStage: refusal('InvalidParameterException'),
    DescribeSecret: { VersionIdsToStages: labels },
  });
  const promoted = versions.promote('secret', 'v2', 'v1');
  await (failure ? expect(promoted).rejects.toEqual(failure) : promoted);
});

test('AWSPENDING is removed from one version, and nothing happens if that version does not have it', async () => {
  const { versions, sent } = door({});
  await versions.giveUp('secret', 'v2');
  expect(sent[0]?.input).toEqual({ SecretId: 'secret', VersionStage: 'AWSPENDING', RemoveFromVersionId: 'v2' });
  await door({ UpdateSecretVersionStage: refusal('InvalidParameterException') }).versions.giveUp('s', 'v2');
});

test.each([
  ['describe', 'DescribeSecret'],
  ['read', 'GetSecretValue'],
  ['fill', 'PutSecretValue'],
  ['promote', 'UpdateSecretVersionStage'],
  ['giveUp', 'UpdateSecretVersionStage'],
] as const)(
  '%s: an error of Secrets Manager becomes a failure for now, which names it and quotes nothing',
  async (method, command) => {
    const { versions } = door({ [command]: refusal('AccessDeniedException') });
    const failed = await versions[method]('s', CANARY, CANARY).then(
      () => undefined,
      (error: RotationFailure) => error,
    );
    expect(failed).toBeInstanceOf(RotationFailure);
    expect(failed?.kind).toBe('passing');
    expect(failed?.message).toMatch(/AccessDeniedException/);
    expect(failed?.stack).not.toContain(CANARY);
  },
);
