import { DESCRIPTION_PATH } from './description';
import { isLoopback } from './host-name';
import type { SigningKey } from './signature';
import { CONTROL_PATH } from './stand-in-control';
import type { StartOptions } from './start-options';
import type { LocalTokenApi } from './token-api';

/** What is printed once the token API listens. @param command how the person runs this, up to its options */
export function greeting(api: LocalTokenApi, key: SigningKey, { fiskil, host }: StartOptions, command: string): string {
  const { url, standIn } = api;
  const { accessKeyId, secretAccessKey, region, service } = key;
  const open = host !== undefined && !isLoopback(host);
  const credentials = `AWS_ACCESS_KEY_ID=${accessKeyId} AWS_SECRET_ACCESS_KEY=${secretAccessKey} AWS_REGION=${region}`;
  const source = fiskil
    ? `${new URL(fiskil.tokenUrl).origin}, with the pair of FISKIL_CLIENT_ID and FISKIL_CLIENT_SECRET`
    : `the built-in stand-in for Fiskil, whose tokens open nothing but ${standIn?.origin}/v1/ (set FISKIL_CLIENT_ID and FISKIL_CLIENT_SECRET to mint at Fiskil)`;
  const look = `
Or look at it without showing it (an AWS_PROFILE would win over the keys, so it is emptied):
AWS_PROFILE= ${credentials} npm run vend -- --url ${url}
`;
  return `
Token API:      ${url} (${open ? 'open to the network' : 'on this machine only'}; Ctrl-C ends it)
Described at:   ${new URL(DESCRIPTION_PATH, url)}
Mints at:       ${source}${standIn ? `\nFaults:         curl ${standIn.origin}${CONTROL_PATH} tells how the stand-in behaves; ${command} --help tells how to change it` : ''}
Signed with:    access key ${accessKeyId}, secret key ${secretAccessKey}, region ${region}, service ${service}
${open ? OPEN : ''}
Get a token with curl 7.75 or later:
curl --aws-sigv4 aws:amz:${region}:${service} --user ${accessKeyId}:${secretAccessKey} ${url}tokens/default
${command.startsWith('npm ') ? look : ''}
In the environment of a program that calls it:
export FISKIL_TOKEN_API_URL=${url} ${credentials}
${standIn ? `export FISKIL_ORIGIN=${standIn.origin}\n` : ''}
`;
}

const OPEN = `
Warning: everybody who reaches this machine's ports can get tokens of the stand-in and change how it behaves. The traffic is not
encrypted. A program elsewhere, such as in a container, puts this machine's address or name in the place of 127.0.0.1
below, and gives the client \`allowHttp: true\`.
`;
