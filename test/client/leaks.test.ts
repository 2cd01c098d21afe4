import { inspect } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { createFiskilFetch, createTokenProvider } from '../../client/index';
import { CREDENTIALS, errorOf, FakeApi, MovedClock, problem, type SentRequest, URL_OF_API, vended } from './support';

const TOKEN = 'canary-token-t1';
const SECRETS = [TOKEN, CREDENTIALS.secretAccessKey, CREDENTIALS.sessionToken, 'canary-body', 'Signature='];

/** An error that contains the request, as those of HTTP clients and SDKs do. */
function talkative({ headers, body }: Partial<SentRequest>): Error {
  const request = { headers: Object.fromEntries(headers ?? []), body, token: TOKEN };
  const cause = { request, code: `canary-body ${TOKEN}` };
  return Object.assign(new Error(`canary-body ${JSON.stringify(request)}`), { request, cause });
}

function everythingIn(error: unknown): string {
  const { stack, message, cause } = error as Error;
  return [stack, message, inspect(cause), inspect(error, { depth: 9, showHidden: true }), JSON.stringify(error)].join();
}

const failures: [string, (request: SentRequest) => Response | Error][] = [
  ['a broken connection', talkative],
  ['a text', () => new Response(`canary-body ${TOKEN}`)],
  ['a token and bad JSON', () => new Response(`{"token":"${TOKEN}"`)],
  ['a token of a bad kind', () => vended(`${TOKEN}\n`)],
  ['another credential’s token', () => vended(TOKEN, 900, { credential: 'canary-body' })],
  ['a bad life', () => vended(TOKEN, -1)],
  ['a 403 that quotes', ({ headers }) => Response.json({ message: [...headers].join() }, { status: 403 })],
  [
    'a problem that quotes',
    () => Response.json({ code: 'Canary-Body', detail: `canary-body ${TOKEN}` }, { status: 502 }),
  ],
  ['HTML', () => new Response('<p>canary-body</p>', { status: 500 })],
  ['another token than the one asked for', () => vended(TOKEN, 900, { expires_at: TOKEN })],
  ['headers that quote', () => problem(502, 'internal_error', { 'x-amzn-requestid': `canary-body ${TOKEN}` })],
];

describe('no secret and no token is in an error', () => {
  it.each(failures)('after %s', async (_, failure) => {
    const api = new FakeApi();
    const clock = new MovedClock();
    const tokens = createTokenProvider({ url: URL_OF_API, credentials: CREDENTIALS, fetch: api.fetch, clock });
    const fail = (request: SentRequest) => {
      const made = failure(request);
      if (made instanceof Error) throw made;
      return made;
    };
    for (const ask of [
      () => tokens.reject(TOKEN),
      () => tokens.getToken(),
      () => createFiskilFetch(tokens)('data:,x'),
    ]) {
      api.script.push(...Array.from({ length: 9 }, () => fail));
      const failed = errorOf(ask());
      await clock.advance(30_000);
      const text = everythingIn(await failed);
      for (const secret of SECRETS) expect(text).not.toContain(secret);
      expect(await failed).toMatchObject({ name: 'TokenVendingError' });
    }
  });

  it('nor after a credentials provider throws', async () => {
    const credentials = async () => {
      throw talkative({});
    };
    const tokens = createTokenProvider({ url: URL_OF_API, credentials, fetch: new FakeApi().fetch });
    const text = everythingIn(await errorOf(tokens.getToken()));
    for (const secret of SECRETS) expect(text).not.toContain(secret);
  });

  it('and this test would find one', () => {
    expect(everythingIn(talkative({}))).toContain(TOKEN);
  });
});
