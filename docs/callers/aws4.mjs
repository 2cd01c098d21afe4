// node aws4.mjs METHOD PATH [BODY] sends one request to the token API. aws4 takes the keys from the environment.
import aws4 from 'aws4';

const [method, path, body] = process.argv.slice(2);
const url = new URL(path, process.env.FISKIL_TOKEN_API_URL);
const { headers } = aws4.sign({
  service: 'execute-api',
  region: process.env.AWS_REGION,
  method,
  host: url.host,
  path: url.pathname + url.search,
  headers: { 'Content-Type': 'application/json' },
  body,
});

const answer = await fetch(url, { method, headers, body });
console.log(await answer.text());
if (!answer.ok) throw new Error(`HTTP ${answer.status}`);
