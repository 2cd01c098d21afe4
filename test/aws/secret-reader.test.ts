/** @jest-environment ./test/support/one-realm.ts */
import { afterEach, describe, expect, test } from '@jest/globals';
import { VendingError } from '../../lambda/vending/errors';
import { startHttpServer } from '../support/http-server';
import { freePort } from '../support/processes';
import { startRawServer } from '../support/raw-server';
import { AMPLE, answering, ONCE, readerAt, SHORT, SLACK_MS, started, stopAll } from './doors';
import { HANGS } from './hanging-servers';

afterEach(stopAll);

async function refusalOf(call: Promise<unknown>): Promise<object> {
  const error = await call.then(
    () => new Error('the secret was read'),
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof VendingError)) throw error;
  const { code, detail, reason } = error;
  return { code, detail, reason };
}

const PAIR = JSON.stringify({ client_id: 'an-id', client_secret: 'a-secret', note: 'ours' });

describe('a pair', () => {
  test('is read from AWSCURRENT, with its version and its age', async () => {
    const { origin, bodies } = await answering(200, {
      SecretString: PAIR,
      VersionId: 'v1',
      CreatedDate: 1_800_000_000,
    });
    expect(await readerAt(origin).current('default')).toEqual({
      pair: { clientId: 'an-id', clientSecret: 'a-secret' },
      version: 'v1',
      createdAt: 1_800_000_000_000,
    });
    expect(bodies.map((body) => JSON.parse(body))).toEqual([
      { SecretId: 'fiskil/default', VersionStage: 'AWSCURRENT' },
    ]);
  });

  test('is read from the version that was named', async () => {
    const { origin, bodies } = await answering(200, { SecretString: PAIR, VersionId: 'v1' });
    expect(await readerAt(origin).version('default', 'v1')).toEqual({ clientId: 'an-id', clientSecret: 'a-secret' });
    expect(bodies.map((body) => JSON.parse(body))).toEqual([{ SecretId: 'fiskil/default', VersionId: 'v1' }]);
  });

  test.each([
    ['is binary', { SecretBinary: Buffer.from(PAIR).toString('base64') }, 'The secret is binary; it must be'],
    ['is empty', { SecretString: '' }, 'The secret has no text; it must be'],
    ['has no rows', { SecretString: '{}' }, 'The secret has no key "client_id"'],
  ])('cannot come from a secret that %s', async (_what, answer, detail) => {
    const { origin } = await answering(200, { ...answer, VersionId: 'v1' });
    expect(await refusalOf(readerAt(origin).current('default'))).toMatchObject({
      code: 'credential_not_configured',
      detail: expect.stringContaining(detail),
    });
  });
});

describe('an error of Secrets Manager', () => {
  const unavailable = { code: 'secret_unavailable', detail: 'The secret could not be read from AWS Secrets Manager.' };
  test.each([
    [
      'ResourceNotFoundException',
      400,
      { code: 'credential_not_configured', detail: 'The secret does not exist, or has no current value.' },
    ],
    [
      'InvalidRequestException',
      400,
      { code: 'credential_not_configured', detail: 'The secret is marked for deletion.' },
    ],
    ['AccessDeniedException', 400, unavailable],
    ['DecryptionFailure', 400, unavailable],
    ['UnrecognizedClientException', 400, unavailable],
    ['InternalServiceError', 500, unavailable],
    ['ThrottlingException', 400, unavailable],
  ])('%s gives a code and its name, and nothing of its message', async (name, status, expected) => {
    const { origin } = await answering(status, { __type: name, message: `arn:aws:… said no, ${PAIR}` });
    const read = readerAt(origin, AMPLE, ONCE).current('default');
    expect(await refusalOf(read)).toEqual({ ...expected, reason: name });
  });

  test('that may pass is tried once more', async () => {
    let requests = 0;
    const server = await startHttpServer((_request, response) => {
      const [status, answer] = ++requests === 1 ? [500, {}] : [200, { SecretString: PAIR, VersionId: 'v1' }];
      response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' }).end(JSON.stringify(answer));
    });
    expect(await readerAt(started(server).origin).current('default')).toMatchObject({ version: 'v1' });
  });
});

describe('Secrets Manager that cannot be reached', () => {
  test('because nobody listens is unavailable', async () => {
    const origin = `http://127.0.0.1:${await freePort()}`;
    expect(await refusalOf(readerAt(origin).current('default'))).toMatchObject({
      code: 'secret_unavailable',
      reason: 'ECONNREFUSED',
    });
  });

  test.each(HANGS)('because it %s is given up when the call’s time is over', async (_what, hang) => {
    const server = started(await startRawServer(hang));
    const startedAt = Date.now();
    expect(await refusalOf(readerAt(server.origin, SHORT).current('default'))).toMatchObject({
      code: 'secret_unavailable',
    });
    expect(Date.now() - startedAt).toBeLessThan(SHORT.call + SLACK_MS);
  });
});
