import { DESCRIPTION_PATH } from './description';
import type { Settings } from './settings';
import type { SigningKey } from './signature';
import type { TokenApi } from './token-api';

/** What `npm start` prints once it listens. */
export function greeting({ url, standIn }: TokenApi, key: SigningKey, fiskil: Settings['fiskil']): string {
  const { accessKeyId, secretAccessKey, region, service } = key;
  const credentials = `AWS_ACCESS_KEY_ID=${accessKeyId} AWS_SECRET_ACCESS_KEY=${secretAccessKey} AWS_REGION=${region}`;
  const source = fiskil
    ? `${fiskil.tokenUrl}, with the pair of FISKIL_CLIENT_ID and FISKIL_CLIENT_SECRET`
    : `the built-in stand-in of Fiskil, whose tokens open nothing but ${standIn}/v1/ (set FISKIL_CLIENT_ID and FISKIL_CLIENT_SECRET to mint at Fiskil)`;
  return `
Token API:      ${url} (on this machine only; Ctrl-C ends it)
Described at:   ${new URL(DESCRIPTION_PATH, url)}
Mints at:       ${source}
Signed with:    access key ${accessKeyId}, secret key ${secretAccessKey}, region ${region}, service ${service}

Get a token with curl 7.75 or later:
curl --aws-sigv4 aws:amz:${region}:${service} --user ${accessKeyId}:${secretAccessKey} ${url}tokens/default

Or look at it without showing it (an AWS_PROFILE would win over the keys, so it is emptied):
AWS_PROFILE= ${credentials} npm run vend -- --url ${url}

In the environment of a program that calls it:
export FISKIL_TOKEN_API_URL=${url} ${credentials}

`;
}
