import type { Result } from './results';
import { call, type Dialect, type Ended, type Signer } from './signers';
import type { Called, TokenApi } from './token-apis';
import { type Command, Missing } from './toolchains';

/** Has a signer call a token API in each way that it can. */
export async function check(signer: Signer, apiName: string, api: TokenApi | Missing): Promise<Result> {
  const name = `${signer.name}, ${apiName}`;
  const command = await signer.command;
  if (command instanceof Missing) return { name, verdict: 'not run', why: [command.why] };
  if (api instanceof Missing) return { name, verdict: 'not run', why: [api.why] };
  const called = await api.for(signer.credential);
  try {
    const why = await faults(command, signer, called);
    return { name, verdict: why.length > 0 ? 'failed' : 'ok', why };
  } finally {
    await called.stop();
  }
}

async function faults(command: Command, { dialect }: Signer, called: Called): Promise<string[]> {
  return dialect ? signersFaults(command, dialect, called) : programsFaults(command, called);
}

/** One that lists end users: what Fiskil answers, also after it refused the token, and why there is no token. */
async function programsFaults(command: Command, { env, revoke }: Called): Promise<string[]> {
  const found: string[] = [];
  const run = async (what: string, isSo: (ended: Ended) => boolean, changed: NodeJS.ProcessEnv = {}) => {
    const ended = await call(command, { ...env, ...changed }, []);
    if (!isSo(ended)) found.push(fault(what, ended));
  };
  const listed = ({ ok, output }: Ended) => ok && output.includes('eu_local_1');
  await run('should have listed end users', listed);
  revoke();
  await run('should have replaced the token and listed end users', listed);
  const saysWhy = ({ ok, output }: Ended) => !ok && output.includes('signature_invalid');
  await run('with a wrong secret key, should have failed and said why', saysWhy, { AWS_SECRET_ACCESS_KEY: 'wrong' });
  return found;
}

function fault(what: string, { ok, output }: Ended): string {
  return `${what}; it ended ${ok ? 'well' : 'badly'} with: ${output.trim().slice(-500)}`;
}

async function signersFaults(command: Command, dialect: Dialect, { env, credential }: Called): Promise<string[]> {
  const found: string[] = [];
  const ask = (args: readonly string[], changed: NodeJS.ProcessEnv = {}) => call(command, { ...env, ...changed }, args);
  const expect = (what: string, ended: Ended, isSo: boolean) => {
    if (!isSo) found.push(fault(what, ended));
  };

  const got = await ask(dialect.get(credential));
  const token = tokenIn(got);
  expect('should have got a token', got, got.ok && token !== undefined);
  if (token === undefined) return found;

  if (env.AWS_SESSION_TOKEN === undefined) {
    const ofASession = await ask(dialect.get(credential), { AWS_SESSION_TOKEN: 'a+session/token==' });
    expect('should have got the token for a session', ofASession, ofASession.ok && tokenIn(ofASession) === token);
  }

  const refused = await ask(dialect.get(credential), { AWS_SECRET_ACCESS_KEY: 'wrong' });
  const saysWhy = /\b403\b/.test(refused.output) && refused.output.includes('signature_invalid');
  expect('with a wrong secret key, should have failed and said why', refused, !refused.ok && saysWhy);

  if (dialect.oddQuery) {
    const odd = await ask(dialect.oddQuery(credential));
    // From the API itself: an unsorted query was signed right.
    expect('should have been told about the query', odd, !odd.ok && odd.output.includes('invalid_request'));
  }

  if (dialect.reject) {
    const other = await ask(dialect.reject(credential, token));
    expect('should have got another token', other, other.ok && ![undefined, token].includes(tokenIn(other)));
  }
  return found;
}

function tokenIn({ output }: Ended): string | undefined {
  return /"token":"([^"]+)"/.exec(output)?.[1];
}
