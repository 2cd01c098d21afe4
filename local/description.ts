import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { APIGatewayProxyResult } from 'aws-lambda';

/** Outside the stage, where no call of the API can be. */
export const DESCRIPTION_PATH = '/openapi.yaml';

const TEXT = readFileSync(join(__dirname, '../docs/openapi.yaml'), 'utf8');

/** The API's description in OpenAPI, for whoever asks: it holds no secret. */
export const DESCRIPTION: APIGatewayProxyResult = {
  statusCode: 200,
  // RFC 9512.
  headers: { 'Content-Type': 'application/yaml', 'Cache-Control': 'no-store' },
  body: TEXT,
};
