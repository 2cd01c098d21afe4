import aws4 from 'aws4';
import { tokenByHttps } from './https-get.mjs';

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
  return tokenByHttps({ hostname, port, path: pathname, headers });
};
