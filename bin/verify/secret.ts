import { randomUUID } from 'node:crypto';
import {
  DescribeSecretCommand,
  GetResourcePolicyCommand,
  GetSecretValueCommand,
  RotateSecretCommand,
} from '@aws-sdk/client-secrets-manager';
import type { Check } from './check';
import { type CheckContext, poll } from './context';
import { allowedBy, type Finding, FoundWrong, failed, needing, ok } from './finding';
import { fieldsOf, linesWith } from './logs';
import { deniedByPolicy } from './table';
import { isSamePolicy } from './template';

/** Milliseconds that Secrets Manager may take to run one step, and its line to be found. */
const LATEST = 60_000;
const PAUSE = 3_000;

const secretPolicy: Check = {
  id: 'secret-policy',
  async run(context) {
    const { aws, stack } = context;
    const template = await stack.template();
    const policies = [...template.ofType('AWS::SecretsManager::ResourcePolicy').values()];
    if (policies.length === 0) {
      return ok('fiskil:secretOperators is not set: IAM alone decides who may read the secrets');
    }
    for (const { SecretId, ResourcePolicy } of policies) {
      const secret = String(template.resolve(SecretId));
      const { ResourcePolicy: deployed } = await allowedBy(
        'secretsmanager:GetResourcePolicy',
        aws.secrets.send(new GetResourcePolicyCommand({ SecretId: secret })),
      );
      if (!isSamePolicy(JSON.parse(deployed ?? '{}'), template.resolve(ResourcePolicy))) {
        return failed(`The policy of ${secret} is not the template's: somebody changed it by hand`, DEPLOY);
      }
      if (await isOperator(context, deployed ?? '')) {
        return needing('a caller that is not in fiskil:secretOperators: this one may read the secret');
      }
      const denied = await deniedByPolicy('secretsmanager:GetSecretValue', read(context, secret), DEPLOY);
      if (denied.status !== 'ok') {
        return denied;
      }
    }
    return ok('GetSecretValue is denied to you, because you are not an operator');
  },
};

const rotation: Check = {
  id: 'rotation',
  async run(context) {
    const { stack, options } = context;
    const functionName = stack.output('RotationFunctionName');
    if (functionName === undefined) {
      return ok('fiskil:rotation is false: pairs are rotated by editing the secret');
    }
    for (const name of stack.secretNames) {
      const wrong = await wrongRotation(context, name, functionName);
      if (wrong) {
        return failed(`The secret ${name} ${wrong}`, DEPLOY);
      }
    }
    const fine = "Rotation is enabled on every secret, by this stack's function, on demand only";
    if (!options.rotationDryRun) {
      return ok(fine);
    }
    return ok(`${fine}. ${await dryRun(context)}`);
  },
};

export const secret = [secretPolicy, rotation];

const DEPLOY = 'deploy the stack again; if that does not help, look at the secret in the Secrets Manager console';

/** Reads a version that does not exist. A caller that may read the secret gets "not found", and never a value. */
async function read({ aws }: CheckContext, SecretId: string): Promise<void> {
  await aws.secrets.send(new GetSecretValueCommand({ SecretId, VersionId: randomUUID() }));
}

async function isOperator({ api, options }: CheckContext, policy: string): Promise<boolean> {
  // The policy names roles. A session's ARN has the role's name without the path.
  const role = options.asRole === undefined && /:assumed-role\/([^/]+)\//.exec(await api.callerArn())?.[1];
  return role ? new RegExp(`role/(?:[^"]*/)?${role.replace(/[.+]/g, '\\$&')}"`).test(policy) : false;
}

async function wrongRotation(context: CheckContext, name: string, functionName: string): Promise<string | undefined> {
  const { RotationEnabled, RotationLambdaARN = '', NextRotationDate } = await describe(context, name);
  if (!RotationEnabled) {
    return 'has no rotation';
  }
  if (!RotationLambdaARN.endsWith(`:function:${functionName}`)) {
    return 'is rotated by another function';
  }
  return NextRotationDate && 'has a date for the next rotation, which would fail because nothing is staged then';
}

function describe({ aws }: CheckContext, name: string) {
  return allowedBy('secretsmanager:DescribeSecret', aws.secrets.send(new DescribeSecretCommand({ SecretId: name })));
}

/** The version of a running rotation, if there is one. */
async function pending(context: CheckContext, name: string): Promise<string | undefined> {
  const { VersionIdsToStages = {} } = await describe(context, name);
  return Object.entries(VersionIdsToStages).find(
    ([, labels]) => labels.includes('AWSPENDING') && !labels.includes('AWSCURRENT'),
  )?.[0];
}

/** Secrets Manager runs only `testSecret`, on a version that it makes for the test and removes again. */
async function dryRun(context: CheckContext): Promise<string> {
  const { aws, clock, options, stack } = context;
  const name = stack.secretName(options.credential) ?? '';
  if (await pending(context, name)) {
    throw new FoundWrong(
      failed(`A rotation of ${name} is under way`, 'wait for its end, or cancel it (docs/rotation.md)'),
    );
  }
  const { logGroup: group } = await stack.rotationFunction();
  const since = clock.now();
  await allowedBy(
    'secretsmanager:RotateSecret and lambda:InvokeFunction',
    aws.secrets.send(new RotateSecretCommand({ SecretId: name, RotateImmediately: false })),
  );
  const end = await poll(clock, LATEST, PAUSE, async () => {
    const steps = (await linesWith(context, { group, text: 'testSecret', since })).map(fieldsOf);
    return steps.find((step) => step?.message === 'rotation' && step.step === 'testSecret');
  });
  const left = await poll(clock, PAUSE, PAUSE, async () => ((await pending(context, name)) ? undefined : true));
  return told(name, end?.outcome, left === true);
}

function told(name: string, outcome: unknown, isClean: boolean): string {
  const look = "look at the rotation function's log (the stack output RotationFunctionName names it)";
  const wrong = (what: string): Finding => failed(`The dry run of ${name} ${what}`, look);
  if (outcome === undefined) {
    throw new FoundWrong(wrong('did not run testSecret'));
  }
  if (outcome !== 'done') {
    throw new FoundWrong(wrong('failed'));
  }
  if (!isClean) {
    throw new FoundWrong(wrong('left AWSPENDING on a version'));
  }
  return 'The dry run ran testSecret and left no AWSPENDING';
}
