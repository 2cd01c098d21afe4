import { ENVIRONMENT } from '../../lambda/environment';
import { claimsOf } from '../../lambda/fiskil/claims';
import { sha256 } from '../../lambda/sha256';
import { printable, sharedToken } from './access';
import type { Check } from './check';
import type { CheckContext } from './context';
import { type Finding, FoundWrong, failed, ok } from './finding';

/** Milliseconds for a call until its answer begins. */
const PATIENCE = 15_000;

const fiskil: Check = {
  id: 'fiskil',
  async run(context) {
    const { token } = await sharedToken(context);
    const origin = await fiskilOf(context);
    const { status, version } = await open(context, origin, token);
    const told = `GET ${origin}/v1/end-users: ${status}, ${whose(token)}, x-fiskil-version ${version}`;
    if (status !== 200) {
      return failed(told, TODO[status] ?? 'run this again in a minute; Fiskil may be down');
    }
    if (!context.options.probeFiskil) {
      return ok(told);
    }
    return ok(`${told}. ${await probe(context, origin, token)}`);
  },
};

export const fiskilChecks = [fiskil];

const TODO: Readonly<Record<number, string>> = {
  401: 'check in the Fiskil Console whether the key was revoked, then rotate it (docs/rotation.md)',
  403: 'check in the Fiskil Console whether the key has the scope for end users',
  404: "check that fiskil:tokenUrl is Fiskil's token endpoint",
};

/** Where the function mints. The command sends the token only there, and only if nobody has changed it since the deploy. */
async function fiskilOf({ stack }: CheckContext): Promise<string> {
  const { variables } = await stack.vendFunction();
  const now = variables[ENVIRONMENT.tokenUrl] ?? '';
  const template = await stack.template();
  const deployed = [...template.ofType('AWS::Lambda::Function').values()].map(
    ({ Environment }) => (Environment as { Variables?: Record<string, unknown> })?.Variables?.[ENVIRONMENT.tokenUrl],
  );
  if (!URL.canParse(now) || !deployed.includes(now)) {
    const todo = 'deploy the stack again, and find out who changed it: the function sends the secret there';
    throw new FoundWrong(failed(`The function's ${ENVIRONMENT.tokenUrl} is not the one that was deployed`, todo));
  }
  return new URL(now).origin;
}

/** Returns only the status. It does not read the body, because that is consumers' data. */
async function open(
  { fetch }: CheckContext,
  origin: string,
  token: string,
): Promise<{ status: number; version: string }> {
  try {
    const answer = await fetch(`${origin}/v1/end-users`, {
      headers: { authorization: `Bearer ${token}`, accept: 'application/json' },
      redirect: 'manual',
      signal: AbortSignal.timeout(PATIENCE),
    });
    await answer.body?.cancel();
    return { status: answer.status, version: printable(answer.headers.get('x-fiskil-version') ?? 'absent') };
  } catch {
    // The error can contain the request, and so the token.
    const todo = 'check whether this machine can reach it, then run this again';
    throw new FoundWrong(failed(`Fiskil (${origin}) did not answer`, todo));
  }
}

/** The claims of the token. Fiskil does not document them. */
function whose(token: string): string {
  const { orgId, keyId, scopes } = claimsOf(token);
  return Object.entries({ team: orgId, key: keyId, scopes: scopes?.join(' ') })
    .map(([name, value]) => `${name} ${value === undefined ? 'not told' : printable(value)}`)
    .join(', ');
}

/** Two mints through the API: the current token, and the one after its rejection. So the command needs no secret, and the newer token is the stored one,
 * whatever Fiskil does with the older one.
 */
async function probe(context: CheckContext, origin: string, first: string): Promise<string> {
  const second = await context.api.reject(sha256(first));
  const newer = await open(context, origin, second.token);
  if (newer.status !== 200) {
    throw new FoundWrong(failed(`The second token gets ${newer.status} from Fiskil`, 'run this again in a minute'));
  }
  const older = await open(context, origin, first);
  if (older.status === 200) {
    return 'The first token survives a second mint: several tokens live at once';
  }
  if (older.status === 401) {
    return 'The first token does not survive a second mint (401): only the newest token lives';
  }
  throw new FoundWrong(inconclusive(older.status));
}

function inconclusive(status: number): Finding {
  return failed(
    `After the second mint the first token gets ${status}, which proves nothing`,
    'run this again in a minute',
  );
}
