/** @jest-environment ./test/support/one-realm.ts */
import { Logger } from '@aws-lambda-powertools/logger';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { rotationTelemetry } from '../../lambda/aws/telemetry';
import { FiskilClient } from '../../lambda/fiskil/client';
import { createRotation, type RotationTelemetry } from '../../lambda/rotation/function';
import { type Fault, type StandIn, startStandIn } from '../../local/fiskil-stand-in';
import { CANARIES, everythingOf } from '../support/canaries';
import { outputOf } from '../support/captured-output';
import { LIES, LYING_TOKENS } from '../support/lying-fiskil';
import { answerJson } from '../support/stand-in-faults';
import { LIVE, leaks, NEXT, secretText } from './rotation-world';
import { SecretModel } from './secrets-manager-model';

/** Milliseconds: enough for loopback, for the answers that never end. */
const SHORT = 400;

let fiskil: StandIn;
beforeAll(async () => {
  fiskil = await startStandIn();
});
afterAll(() => fiskil.stop());

/** The rotation function as it is deployed, but for Secrets Manager, and all that gets out of its steps. */
async function rotated(fault: Fault, row: object, careless?: RotationTelemetry) {
  fiskil.clearFaults();
  fiskil.answerNext(fault, Number.POSITIVE_INFINITY);
  const secret = new SecretModel(secretText(LIVE, NEXT, { ...row }));
  secret.begin('token');
  const errors: unknown[] = [];
  const client = new FiskilClient(fiskil.url, Date.now);
  const written = await outputOf(async () => {
    const rotation = createRotation(
      { versions: secret, minter: { mint: (pair, ms) => client.mint(pair, Math.min(ms, SHORT)) } },
      careless ?? rotationTelemetry(new Logger({ serviceName: 'rotation', logLevel: 'DEBUG' })),
    );
    for (const step of ['createSecret', 'testSecret', 'finishSecret']) {
      await rotation({
        Step: step,
        SecretId: 'arn',
        ClientRequestToken: 'token',
        RotationToken: CANARIES.token,
      }).catch((error: unknown) => errors.push(error));
    }
  });
  if (!written.includes('"message":"rotation"')) throw new Error('nothing was logged');
  return { said: [written, ...errors.map(everythingOf)].join('\n'), current: secret.currentText ?? '' };
}

describe('a rotation leaks nothing and promotes nothing where Fiskil', () => {
  test.each(LIES)('%s', async (_what, fault) => {
    const { said, current } = await rotated(fault, {});
    expect(leaks(said)).toEqual([]);
    expect(current).toBe(secretText(LIVE, NEXT));
  });
});

describe('a rotation leaks nothing where Fiskil gives a token that names', () => {
  test.each(LYING_TOKENS)('%s', async (_what, fault) => {
    for (const row of [{}, { org_id: 'org_ours' }]) {
      expect(leaks((await rotated(fault, row)).said)).toEqual([]);
    }
  });
});

test('what is right in a token that lies is still told, in short', async () => {
  const scope = ['api:banking', NEXT.clientSecret, ...Array.from({ length: 30 }, (_, n) => `s${n}`)].join(' ');
  const token = `head.${Buffer.from(JSON.stringify({ scope })).toString('base64url')}.tail`;
  const { said } = await rotated(answerJson({ token, expires_in: 900 }), {});
  const [, scopes = ''] = /"scopes":\[([^\]]*)\]/.exec(said) ?? [];
  expect(scopes.split(',').slice(0, 2)).toEqual(['"api:banking"', '"s0"']);
  expect(scopes.split(',').length).toBeLessThanOrEqual(20);
});

test('what Fiskil says of its error is in the failed line, and its message is not', async () => {
  const { said } = await rotated(answerJson({ id: 'err_1-a', name: 'unauthorized', message: 'no such key' }, 401), {});
  expect(said).toContain('"upstream_error_id":"err_1-a","upstream_error_name":"unauthorized"');
  expect(said).not.toContain('no such key');
});

test('the search bites: it finds what a careless hand logs of the pair', async () => {
  const careless: RotationTelemetry = {
    rotation: (line) => console.log(JSON.stringify({ message: 'rotation', ...line, pair: NEXT })),
    fault: () => undefined,
  };
  expect(leaks((await rotated(answerJson({}), {}, careless)).said)).not.toEqual([]);
});
