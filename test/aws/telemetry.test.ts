import type { Logger } from '@aws-lambda-powertools/logger';
import { Metrics } from '@aws-lambda-powertools/metrics';
import { expect, jest, test } from '@jest/globals';
import { PowertoolsTelemetry } from '../../lambda/aws/telemetry';
import { METRICS } from '../../lambda/metrics';
import type { Fact } from '../../lambda/vending/types';

/** What goes to CloudWatch by way of the log for these facts, and what is logged besides. */
function told(...facts: Fact[]) {
  const logged: unknown[] = [];
  const log = (message: string, fields: object) => logged.push({ message, ...fields });
  const metrics = new Metrics({ namespace: METRICS.namespace, serviceName: 'the-function' });
  const telemetry = new PowertoolsTelemetry({ info: log, warn: log, error: log } as unknown as Logger, metrics);
  // Powertools passes by the global console, and so do its lines here.
  const stdout = jest.spyOn(process.stdout, 'write').mockReturnValue(true);
  for (const fact of facts) telemetry.observe(fact);
  telemetry.flush();
  const published = stdout.mock.calls.map(([text]) => JSON.parse(String(text)));
  stdout.mockRestore();
  return { published, logged };
}

test('a tick is counted, with the age of the secret in seconds, and is not worth a line', () => {
  const { published, logged } = told({ kind: 'ticked', credential: 'default', secretAgeMs: 7_776_000_999 });
  expect(published).toMatchObject([{ Tick: 1, SecretAge: 7_776_000, service: 'the-function', credential: 'default' }]);
  expect(logged).toEqual([]);
});

test('a tick that could not read the secret tells no age', () => {
  const { published } = told({ kind: 'ticked', credential: 'default' });
  expect(published[0]).toMatchObject({ Tick: 1 });
  expect(published[0]).not.toHaveProperty('SecretAge');
});

test('the dimensions are those that the alarms look for', () => {
  const { published } = told({
    kind: 'tick_failed',
    credential: 'default',
    code: 'credential_not_configured',
    reason: 'The secret is not JSON.',
  });
  const [{ Namespace: namespace, Dimensions: dimensions, Metrics: names }] = published[0]._aws.CloudWatchMetrics;
  expect([namespace, dimensions]).toEqual(['FiskilTokenVending', [['service', 'credential']]]);
  expect(names.map(({ Name }: { Name: string }) => Name)).toEqual([
    'MintFailure',
    'MintFailure.credential_not_configured',
  ]);
});
