import https from 'node:https';
import aws4 from 'aws4';

const {
  AWS_ACCESS_KEY_ID: accessKeyId,
  AWS_SECRET_ACCESS_KEY: secretAccessKey,
  AWS_SESSION_TOKEN: sessionToken,
} = process.env;
const keys = { accessKeyId, secretAccessKey, sessionToken };
export const getToken = async () => {
  const { hostname, port, host, pathname } = new URL(`${process.env.FISKIL_TOKEN_API_URL}tokens/default`);
  const request = { service: 'execute-api', region: process.env.AWS_REGION, path: pathname, headers: { host } };
  const { headers } = aws4.sign(request, keys);
  return new Promise((resolve, reject) => {
    const sent = https.get({ hostname, port, path: pathname, headers, agent: false }, (response) => {
      let text = '';
      response.on('data', (chunk) => {
        text += chunk;
      });
      response.on('end', () => resolve(JSON.parse(text).token));
    });
    sent.on('error', reject);
  });
};
