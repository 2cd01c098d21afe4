import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { WITHOUT_BUNDLING } from './synth';

const ROOT = join(__dirname, '../..');
const out = mkdtempSync(join(tmpdir(), 'example-'));
afterAll(() => rmSync(out, { recursive: true }));

let resources: { readonly Type: string; readonly Properties: Readonly<Record<string, unknown>> }[];
beforeAll(() => {
  // As the CDK CLI runs an app.
  execFileSync(join(ROOT, 'node_modules/.bin/tsx'), ['docs/construct/app.ts'], {
    cwd: ROOT,
    env: { ...process.env, CDK_OUTDIR: out, CDK_CONTEXT_JSON: JSON.stringify(WITHOUT_BUNDLING) },
  });
  resources = Object.values(JSON.parse(readFileSync(join(out, 'Platform.template.json'), 'utf8')).Resources);
});

const all = (type: string) => resources.filter(({ Type }) => Type === type).map(({ Properties }) => Properties);

test('the app of docs/construct.md has its alarms as it asks for them, and one of its own', () => {
  const alarms = all('AWS::CloudWatch::Alarm');
  expect(alarms).toHaveLength(12);
  expect(alarms).toContainEqual(expect.objectContaining({ AlarmName: 'fiskil-mints-too-many', Threshold: 60 }));
  expect(alarms).toContainEqual(expect.objectContaining({ MetricName: 'MintFailure', EvaluationPeriods: 15 }));
});

test('its Fargate task is told where to ask and for what, and its role is allowed that', () => {
  const containers = all('AWS::ECS::TaskDefinition').flatMap(({ ContainerDefinitions }) => ContainerDefinitions);
  expect(containers.map((container) => (container as { Environment: object[] }).Environment)).toEqual([
    [
      { Name: 'FISKIL_TOKEN_API_URL', Value: expect.anything() },
      { Name: 'FISKIL_CREDENTIAL', Value: 'sandbox-energy' },
    ],
  ]);
  const [policy] = all('AWS::IAM::Policy').filter(({ Roles }) => JSON.stringify(Roles).includes('NightlyTaskRole'));
  expect(JSON.stringify(policy)).toContain('/v1/GET/tokens/sandbox-energy');
});
