import { AwsClient } from 'aws4fetch';

const {
  AWS_ACCESS_KEY_ID: accessKeyId,
  AWS_SECRET_ACCESS_KEY: secretAccessKey,
  AWS_SESSION_TOKEN: sessionToken,
} = process.env;
const aws = new AwsClient({
  accessKeyId,
  secretAccessKey,
  sessionToken,
  region: process.env.AWS_REGION,
  service: 'execute-api',
});
export const getToken = async () => {
  const response = await aws.fetch(`${process.env.FISKIL_TOKEN_API_URL}tokens/default`);
  return (await response.json()).token;
};
