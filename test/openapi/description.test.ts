import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { PROBLEMS } from '../../lambda/api/answer';
import { GATEWAY_ANSWERS } from '../../lib/gateway-answers';
import { startTokenApi } from '../../local/token-api';

const TEXT = readFileSync(join(__dirname, '../../docs/openapi.yaml'), 'utf8');

interface Answer {
  readonly content: Record<
    string,
    { readonly schema: { properties?: { code?: { enum?: string[]; const?: string } } } }
  >;
}
const description = parse(TEXT) as {
  readonly paths: Record<string, Record<string, { readonly responses?: Record<string, { readonly $ref: string }> }>>;
  readonly components: { readonly responses: Record<string, Answer> };
};

/** The problems of a call as `status code`, sorted. */
function described(path: string, method: string): string[] {
  const responses = Object.entries(description.paths[path]?.[method]?.responses ?? {});
  return responses
    .flatMap(([status, { $ref }]) => {
      const answer = description.components.responses[$ref.split('/').at(-1) ?? ''];
      const { enum: several, const: one } = answer?.content['application/problem+json']?.schema.properties?.code ?? {};
      return [...(several ?? []), ...(one === undefined ? [] : [one])].map((code) => `${status} ${code}`);
    })
    .sort();
}

/** What the function and the gateway answer, but the codes that a call cannot get. */
function answered(never: string): string[] {
  const all = Object.entries({ ...PROBLEMS, ...GATEWAY_ANSWERS });
  // The default of the gateway's own answers comes with whatever status there is no other answer for.
  const defaults = [400, 502, 503].map((status) => `${status} gateway_error`);
  return [...all.flatMap(([code, { status }]) => (code === never ? [] : [`${status} ${code}`])), ...defaults].sort();
}

describe("the API's description", () => {
  test('has each code of the function and of the gateway at its status, and no other', () => {
    expect(described('/tokens/{credential}', 'get')).toEqual(answered('rejection_too_soon'));
    expect(described('/tokens/{credential}/rejections', 'post')).toEqual(answered('min_ttl_unattainable'));
  });

  test('is served by `npm start`, to whoever asks', async () => {
    const api = await startTokenApi({ help: false, port: 0 }, () => {});
    try {
      const served = await fetch(new URL('/openapi.yaml', api.url));
      expect([served.status, served.headers.get('content-type'), await served.text()]).toEqual([
        200,
        'application/yaml',
        TEXT,
      ]);
    } finally {
      await api.stop();
    }
  });
});
