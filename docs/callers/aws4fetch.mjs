// node aws4fetch.mjs METHOD PATH [BODY] sends one request to the token API.
import { AwsClient } from 'aws4fetch';

const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN, AWS_REGION } = process.env;
const aws = new AwsClient({
  accessKeyId: AWS_ACCESS_KEY_ID,
  secretAccessKey: AWS_SECRET_ACCESS_KEY,
  sessionToken: AWS_SESSION_TOKEN,
  region: AWS_REGION,
  service: 'execute-api',
});

const [method, path, body] = process.argv.slice(2);
const answer = await aws.fetch(new URL(path, process.env.FISKIL_TOKEN_API_URL), { method, body });
console.log(await answer.text());
if (!answer.ok) throw new Error(`HTTP ${answer.status}`);
