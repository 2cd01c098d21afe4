/** The limit: reads an item with a signature made by hand, over node:https, without an SDK, retries or timeouts. */
import { createHash, createHmac } from 'node:crypto';
import { request } from 'node:https';

const {
  AWS_ACCESS_KEY_ID: id,
  AWS_SECRET_ACCESS_KEY: secret,
  AWS_SESSION_TOKEN: session,
  AWS_REGION: region,
} = process.env;
const url = new URL(process.env.AWS_ENDPOINT_URL_DYNAMODB ?? `https://dynamodb.${region}.amazonaws.com`);
const hmac = (key, text) => createHmac('sha256', key).update(text).digest();
const hash = (text) => createHash('sha256').update(text).digest('hex');

function sign(target, body) {
  const date = new Date().toISOString().replace(/[-:]|\.\d+/g, '');
  const headers = {
    'content-type': 'application/x-amz-json-1.0',
    host: url.host,
    'x-amz-date': date,
    'x-amz-security-token': session,
    'x-amz-target': target,
  };
  const names = Object.keys(headers).join(';');
  const lines = Object.entries(headers).map(([name, value]) => `${name}:${value}\n`);
  const scope = `${date.slice(0, 8)}/${region}/dynamodb/aws4_request`;
  const text = ['AWS4-HMAC-SHA256', date, scope, hash(`POST\n/\n\n${lines.join('')}\n${names}\n${hash(body)}`)].join(
    '\n',
  );
  const key = scope.split('/').reduce(hmac, `AWS4${secret}`);
  const signature = hmac(key, text).toString('hex');
  const authorization = `AWS4-HMAC-SHA256 Credential=${id}/${scope}, SignedHeaders=${names}, Signature=${signature}`;
  return { ...headers, authorization };
}

export const handler = (key) =>
  new Promise((resolve, reject) => {
    const body = JSON.stringify({ TableName: process.env.TABLE_NAME, Key: key, ConsistentRead: true });
    const headers = sign('DynamoDB_20120810.GetItem', body);
    const outgoing = request(url, { method: 'POST', headers }, (answer) => {
      let text = '';
      answer.on('data', (data) => {
        text += data;
      });
      answer.on('end', () => resolve({ statusCode: answer.statusCode, body: text }));
    });
    outgoing.once('error', reject).end(body);
  });
