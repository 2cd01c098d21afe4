import { describe, expect, test } from '@jest/globals';
import { sha256 } from '../../lambda/sha256';
import { CANARIES, everythingOf, tracesOf } from './canaries';

describe.each(Object.entries(CANARIES))('the search for a %s', (_name, canary) => {
  test.each<[string, string]>([
    ['as it is', `refused: ${canary}!`],
    ['in part', canary.slice(11, 18)],
    ['in JSON', JSON.stringify({ message: canary })],
    ['in JSON in JSON', JSON.stringify({ message: JSON.stringify({ secret: canary }) })],
    ['in a URL', `https://127.0.0.1/?secret=${encodeURIComponent(canary)}`],
    ['in a form', new URLSearchParams({ secret: canary }).toString()],
    ['in hex', Buffer.from(canary).toString('hex')],
    ['in hex, in part', Buffer.from(canary.slice(11, 17)).toString('hex')],
    ['in base64', Buffer.from(canary).toString('base64')],
    ['in base64, after other text', Buffer.from(`id:${canary}:end`).toString('base64')],
    ['in the alphabet of base64 for URLs', Buffer.from(`i:${canary}`).toString('base64url')],
    ['in a cause', everythingOf(new Error('x', { cause: { request: { body: canary } } }))],
    ['in a message', everythingOf(new TypeError(`no: ${canary}`))],
    [
      "in a parser's message",
      everythingOf(
        (() => {
          try {
            return JSON.parse(canary);
          } catch (error) {
            return error;
          }
        })(),
      ),
    ],
  ])('finds it %s', (_where, text) => {
    expect(tracesOf(canary, text)).not.toEqual([]);
  });

  test('finds nothing in what may be there', () => {
    const text = JSON.stringify({
      token_sha256_prefix: '0123456789abcdef',
      code: 'credentials_rejected',
      at: new Error().stack,
    });
    expect(tracesOf(canary, text)).toEqual([]);
  });

  test('finds nothing by chance in a long log full of hashes and ids', () => {
    const text = Array.from({ length: 20_000 }, (_, n) => sha256(String(n))).join('\n');
    expect(tracesOf(canary, text)).toEqual([]);
  });
});
