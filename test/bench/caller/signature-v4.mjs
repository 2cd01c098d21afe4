import { Sha256 } from '@aws-crypto/sha256-js';
import { SignatureV4 } from '@aws-sdk/signature-v4';

const {
  AWS_ACCESS_KEY_ID: accessKeyId,
  AWS_SECRET_ACCESS_KEY: secretAccessKey,
  AWS_SESSION_TOKEN: sessionToken,
} = process.env;
const signer = new SignatureV4({
  credentials: { accessKeyId, secretAccessKey, sessionToken },
  region: process.env.AWS_REGION,
  service: 'execute-api',
  sha256: Sha256,
});
export const getToken = async () => {
  const {
    protocol,
    hostname,
    host,
    pathname: path,
    href,
  } = new URL(`${process.env.FISKIL_TOKEN_API_URL}tokens/default`);
  const { headers } = await signer.sign({ method: 'GET', protocol, hostname, path, query: {}, headers: { host } });
  const response = await fetch(href, { headers });
  return (await response.json()).token;
};
