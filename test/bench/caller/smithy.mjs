import { createHash, createHmac } from 'node:crypto';
import https from 'node:https';
import { SignatureV4 } from '@smithy/signature-v4';

/** Node's own, the fastest that the signer can be given. */
class Sha256 {
  constructor(secret) {
    this.hash = secret === undefined ? createHash('sha256') : createHmac('sha256', secret);
  }

  update(data) {
    this.hash.update(data);
  }

  async digest() {
    return this.hash.digest();
  }
}

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
    port,
    host,
    pathname: path,
  } = new URL(`${process.env.FISKIL_TOKEN_API_URL}tokens/default`);
  const { headers } = await signer.sign({ method: 'GET', protocol, hostname, path, query: {}, headers: { host } });
  return new Promise((resolve, reject) => {
    const sent = https.get({ hostname, port, path, headers, agent: false }, (response) => {
      let text = '';
      response.on('data', (chunk) => {
        text += chunk;
      });
      response.on('end', () => resolve(JSON.parse(text).token));
    });
    sent.on('error', reject);
  });
};
