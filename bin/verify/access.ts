import { AssumeRoleCommand, GetFederationTokenCommand, type STSClient } from '@aws-sdk/client-sts';
import type { AwsCredentials } from '../../client/credentials';
import { readProblem, type Vend } from '../../client/token-api-answer';
import type { HttpAnswer } from '../../client/transport';
import type { GatewayCode } from '../../lib/gateway-answers';
import type { Check } from './check';
import type { CheckContext } from './context';
import { allowedBy, type Finding, FoundWrong, failed, needing, ok } from './finding';

/** Seconds. Any usual token can live longer than this. */
const MIN_TTL = 60;

/** Milliseconds. AWS accepts a signature for five minutes. */
const TOO_OLD = 10 * 60_000;

const DEPLOY = 'deploy the stack again; if that does not help, look for changes by hand in API Gateway';

const unsigned: Check = {
  id: 'unsigned',
  async run({ api }) {
    if (await api.isOutOfReach()) {
      return ok('The API is private, and cannot be reached from here');
    }
    return refused(await api.unsigned(), 'unsigned_or_unknown_route');
  },
};

const wrongKey: Check = {
  id: 'wrong-key',
  async run({ api }) {
    const credentials = { ...(await api.signsWith()), secretAccessKey: 'not-the-secret-key' };
    return refused(await api.get(tokens(api.credential), { credentials }), 'signature_invalid');
  },
};

const oldDate: Check = {
  id: 'old-date',
  async run({ api }) {
    const answer = await api.get(tokens(api.credential), { age: TOO_OLD });
    return refused(answer, 'signature_invalid', 'signature_expired');
  },
};

const unknownRoute: Check = {
  id: 'unknown-route',
  async run({ api }) {
    return refused(await api.get('no-such-route'), 'unsigned_or_unknown_route');
  },
};

const narrowedSession: Check = {
  id: 'narrowed-session',
  async run(context) {
    const { api } = context;
    // A refusal proves nothing if the caller could not get this token anyway.
    await sharedToken(context);
    const credentials = await narrowed(context, `${api.credential === 'other' ? 'another' : 'other'}`);
    return refused(await api.get(tokens(api.credential), { credentials }), 'access_denied');
  },
};

const signed: Check = {
  id: 'signed',
  async run({ api }) {
    return vended(await api.vend(), 0);
  },
};

const minTtl: Check = {
  id: 'min-ttl',
  async run({ api }) {
    return vended(await api.ask(`${tokens(api.credential)}?min_ttl=${MIN_TTL}`), MIN_TTL);
  },
};

const presigned: Check = {
  id: 'presigned',
  async run({ api }) {
    return vended(await api.presigned(tokens(api.credential)), 0);
  },
};

export const access = [unsigned, wrongKey, oldDate, unknownRoute, narrowedSession, signed, minTtl, presigned];

/** The token that the checks share. If the API gives none, only the row `signed` fails. */
export async function sharedToken({ api }: CheckContext): Promise<Vend> {
  return api.vend().catch((error: unknown) => {
    throw error instanceof FoundWrong ? error : new FoundWrong(needing('a token: see the row signed'));
  });
}

const tokens = (credential: string) => `tokens/${credential}`;

function vended({ life, expiresAt, clientId }: Vend, atLeast: number): Finding {
  if (life < atLeast) {
    return failed(`The token lives ${life} s, but the command asked for ${atLeast} s`, 'deploy the stack again');
  }
  const expires = new Date(expiresAt).toISOString().replace('.000Z', 'Z');
  return ok(`200: a token of ${printable(clientId)} that expires at ${expires}, in ${life} s`);
}

/** Whether a refusal has the form that the stack configures: 403, a code, and no-store. */
function refused(answer: HttpAnswer, ...codes: readonly GatewayCode[]): Finding {
  const { code = 'no code' } = readProblem(answer);
  const type = `x-amzn-ErrorType ${printable(answer.header('x-amzn-errortype') ?? 'absent')}`;
  if (answer.status !== 403) {
    const todo =
      'look at who may call the API: the authorization of its methods must be AWS_IAM, and its policy must not allow more';
    return failed(`The answer is ${answer.status} and not 403 (${type})`, todo);
  }
  const wrong = [
    ...(/^application\/problem\+json\b/.test(answer.header('content-type') ?? '') ? [] : ['is not problem+json']),
    ...(answer.header('cache-control') === 'no-store' ? [] : ['has no Cache-Control: no-store']),
    ...(codes.some((each) => each === code) ? [] : [`has ${code} instead of the code ${codes.join(' or ')}`]),
  ];
  if (wrong.length > 0) {
    return failed(`The answer is 403, but ${wrong.join(', ')} (${type})`, DEPLOY);
  }
  return ok(`403 ${code}, ${type}`);
}

/** A session of the caller that may only get the token of one other credential. */
async function narrowed({ api, aws, options, stack }: CheckContext, credential: string): Promise<AwsCredentials> {
  const arn = stack.arn('execute-api', `${stack.apiId}/v1/GET/${tokens(credential)}`);
  const Policy = JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Action: 'execute-api:Invoke', Resource: arn }],
  });
  const role = options.asRole ?? roleOf(await api.callerArn());
  const { Credentials: session } =
    role === undefined
      ? await allowedBy('sts:GetFederationToken', federate(aws.sts, Policy))
      : await allowedBy(
          `sts:AssumeRole on ${role}; --as-role names a role that may be assumed`,
          aws.sts.send(new AssumeRoleCommand({ RoleArn: role, RoleSessionName: 'verify', Policy })),
        );
  return sessionKeys(session);
}

function federate(sts: STSClient, Policy: string) {
  // Seconds: the least that AWS accepts.
  return sts.send(new GetFederationTokenCommand({ Name: 'verify', Policy, DurationSeconds: 900 }));
}

/** The keys of a session that STS made. */
export function sessionKeys(session?: {
  AccessKeyId?: string | undefined;
  SecretAccessKey?: string | undefined;
  SessionToken?: string | undefined;
}): AwsCredentials {
  const { AccessKeyId: accessKeyId, SecretAccessKey: secretAccessKey, SessionToken: sessionToken } = session ?? {};
  if (!accessKeyId || !secretAccessKey) {
    throw new FoundWrong(failed('STS made no session', 'run this again'));
  }
  return { accessKeyId, secretAccessKey, sessionToken };
}

/** The role of a session. The session's ARN does not show the role's path. */
function roleOf(arn: string): string | undefined {
  const [, partition, account, role] = /^arn:([^:]+):sts::(\d+):assumed-role\/([^/]+)\//.exec(arn) ?? [];
  return role && `arn:${partition}:iam::${account}:role/${role}`;
}

/** A text from outside, if it is safe to print. */
export function printable(text: string): string {
  return /^[\w:./#@+=, -]{1,200}$/.test(text) ? text : 'unprintable';
}
