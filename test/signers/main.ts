/** `npm run test:signers`: each file of docs/callers against the front of `npm start`. */
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LOCAL_KEY, startTokenApi } from '../../local/token-api';
import { call, isMissing, prepareSigners, type Signer } from './signers';

const say = (line: string) => void process.stdout.write(`${line}\n`);

/** What went wrong with a signer, against a token API of its own. */
async function faults(signer: Signer): Promise<string[]> {
  const api = await startTokenApi({ help: false, port: 0 }, () => {});
  try {
    const env = {
      FISKIL_TOKEN_API_URL: api.url,
      AWS_REGION: LOCAL_KEY.region,
      AWS_ACCESS_KEY_ID: LOCAL_KEY.accessKeyId,
      AWS_SECRET_ACCESS_KEY: LOCAL_KEY.secretAccessKey,
      AWS_EC2_METADATA_DISABLED: 'true',
    };
    const found: string[] = [];
    const get = ['GET', 'tokens/default?min_ttl=60'];
    const token = tokenIn((await call(signer, env, get)).output);
    if (token === undefined) found.push('its GET got no token');

    const ofASession = await call(signer, { ...env, AWS_SESSION_TOKEN: 'a+session/token==' }, get);
    if (tokenIn(ofASession.output) !== token) found.push('with a session token it got no token');

    const refused = await call(signer, { ...env, AWS_SECRET_ACCESS_KEY: 'wrong' }, get);
    if (tokenIn(refused.output) !== undefined) found.push('with a wrong secret key it got a token');
    if (!/\b403\b|signature_invalid/.test(refused.output)) found.push('with a wrong secret key it was not told 403');

    if (!signer.onlyGet && token !== undefined) {
      const body = JSON.stringify({ token_sha256: createHash('sha256').update(token).digest('hex') });
      const other = tokenIn((await call(signer, env, ['POST', 'tokens/default/rejections', body])).output);
      if (other === undefined || other === token) found.push('its rejection got no other token');
    }
    return found;
  } finally {
    await api.stop();
  }
}

function tokenIn(output: string): string | undefined {
  return /"token":"([^"]+)"/.exec(output)?.[1];
}

async function main(scratch: string): Promise<void> {
  let failed = 0;
  let passed = 0;
  let skipped = 0;
  for (const signer of await prepareSigners(scratch)) {
    if (isMissing(signer)) {
      // CI has every toolchain: one that is gone there would go unnoticed.
      if (process.env.CI) failed += 1;
      else skipped += 1;
      say(`${signer.name}: not run, ${signer.why}`);
      continue;
    }
    const found = await faults(signer);
    if (found.length > 0) failed += 1;
    else passed += 1;
    say(`${signer.name}: ${found.length > 0 ? found.join('; ') : 'ok'}`);
  }
  say(`Signers: ${passed} passed, ${failed} failed, ${skipped} skipped`);
  if (failed > 0) process.exitCode = 1;
}

const scratch = mkdtempSync(join(tmpdir(), 'signers-'));
main(scratch)
  .catch((error: Error & { stderr?: string }) => {
    say([error.message, error.stderr].filter(Boolean).join('\n'));
    process.exitCode = 1;
  })
  .finally(() => rmSync(scratch, { recursive: true, force: true }));
