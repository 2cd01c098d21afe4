// node signature-v4.mjs METHOD PATH [BODY] sends one request to the token API.
import { Sha256 } from '@aws-crypto/sha256-js';
import { SignatureV4 } from '@smithy/signature-v4';

const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN, AWS_REGION } = process.env;
const signer = new SignatureV4({
  // You can also use any provider of @aws-sdk/credential-providers.
  credentials: {
    accessKeyId: AWS_ACCESS_KEY_ID,
    secretAccessKey: AWS_SECRET_ACCESS_KEY,
    sessionToken: AWS_SESSION_TOKEN,
  },
  region: AWS_REGION,
  service: 'execute-api',
  sha256: Sha256,
});

const [method, path, body] = process.argv.slice(2);
const url = new URL(path, process.env.FISKIL_TOKEN_API_URL);
const query = Object.fromEntries(url.searchParams);
const request = { method, hostname: url.hostname, path: url.pathname, query, headers: { host: url.host }, body };
const { headers } = await signer.sign(request);
const answer = await fetch(url, { method, headers, body });
console.log(await answer.text());
if (!answer.ok) throw new Error(`HTTP ${answer.status}`);
