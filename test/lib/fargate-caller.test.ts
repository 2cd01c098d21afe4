import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { ROOT } from '../support/toolbox';

const out = mkdtempSync(join(tmpdir(), 'fargate-'));
afterAll(() => rmSync(out, { recursive: true, force: true }));

test('docs/callers/fargate: the task has the variables that the client reads, and its role may vend', () => {
  const app = join(ROOT, 'docs/callers/fargate/app.ts');
  execFileSync(join(ROOT, 'node_modules/.bin/tsx'), [app], { cwd: ROOT, env: { ...process.env, CDK_OUTDIR: out } });
  const { Resources } = JSON.parse(readFileSync(join(out, 'EndUsersTask.template.json'), 'utf8'));
  const ofType = (type: string) =>
    Object.values(Resources as Record<string, { Type: string; Properties: object }>)
      .filter(({ Type }) => Type === type)
      .map(({ Properties }) => Properties);

  expect(ofType('AWS::ECS::TaskDefinition')).toEqual([
    expect.objectContaining({
      ContainerDefinitions: [
        expect.objectContaining({
          Environment: [
            { Name: 'FISKIL_TOKEN_API_URL', Value: { Ref: expect.stringContaining('Parameter') } },
            { Name: 'FISKIL_CREDENTIAL', Value: 'default' },
          ],
        }),
      ],
    }),
  ]);
  const policies = JSON.stringify(ofType('AWS::IAM::Policy'));
  expect(policies).toContain('execute-api:Invoke');
  expect(policies).toContain('/v1/POST/tokens/default/rejections');
});
