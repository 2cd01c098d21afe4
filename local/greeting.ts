import { DESCRIPTION_PATH } from './description';
import { isLoopback } from './host-name';
import type { SigningKey } from './signature';
import { CONTROL_PATH } from './stand-in-control';
import type { StartOptions } from './start-options';
import type { LocalTokenApi } from './token-api';

/** The text to print once the token API listens. @param command how the person runs this, without the options */
export function greeting(api: LocalTokenApi, key: SigningKey, { fiskil, host }: StartOptions, command: string): string {
  const { url, standIn } = api;
  const { accessKeyId, secretAccessKey, region, service } = key;
  const open = host !== undefined && !isLoopback(host);
  const credentials = `AWS_ACCESS_KEY_ID=${accessKeyId} AWS_SECRET_ACCESS_KEY=${secretAccessKey} AWS_REGION=${region}`;
  const source = fiskil
    ? `${new URL(fiskil.tokenUrl).origin}, with the pair of FISKIL_CLIENT_ID and FISKIL_CLIENT_SECRET`
    : `the built-in stand-in for Fiskil, whose tokens work only at ${standIn?.origin}/v1/ (set FISKIL_CLIENT_ID and FISKIL_CLIENT_SECRET to mint at Fiskil)`;
  const look = `
Or print its details without the token (AWS_PROFILE is empty here, because it would override the keys):
AWS_PROFILE= ${credentials} npm run vend -- --url ${url}
`;
  return `
Token API:      ${url} (${open ? 'open to the network' : 'on this machine only'}; Ctrl-C ends it)
Described at:   ${new URL(DESCRIPTION_PATH, url)}
Mints at:       ${source}${standIn ? `\nFaults:         curl ${standIn.origin}${CONTROL_PATH} shows how the stand-in behaves; ${command} --help says how to change it` : ''}
Signed with:    access key ${accessKeyId}, secret key ${secretAccessKey}, region ${region}, service ${service}
${open ? OPEN : ''}
Get a token with curl 7.75 or later:
curl --aws-sigv4 aws:amz:${region}:${service} --user ${accessKeyId}:${secretAccessKey} ${url}tokens/default
${command.startsWith('npm ') ? look : ''}
For the environment of a program that calls it:
export FISKIL_TOKEN_API_URL=${url} ${credentials}
${standIn ? `export FISKIL_ORIGIN=${standIn.origin}\n` : ''}
`;
}

const OPEN = `
Warning: everybody who reaches this machine's ports can get tokens of the stand-in and change how it behaves. The traffic is not
encrypted. For a program elsewhere, such as in a container, replace 127.0.0.1 below with this machine's address or
name, and give the client \`allowHttp: true\`.
`;
