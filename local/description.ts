import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { APIGatewayProxyResult } from 'aws-lambda';

/** Outside of the stage, so it cannot be a call of the API. */
export const DESCRIPTION_PATH = '/openapi.yaml';

const TEXT = readFileSync(join(__dirname, '../docs/openapi.yaml'), 'utf8');

/** The API's description in OpenAPI. It needs no signature, because it contains no secret. */
export const DESCRIPTION: APIGatewayProxyResult = {
  statusCode: 200,
  // RFC 9512.
  headers: { 'Content-Type': 'application/yaml', 'Cache-Control': 'no-store' },
  body: TEXT,
};
