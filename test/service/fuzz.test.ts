/** @jest-environment ./test/support/one-realm.ts */
import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics } from '@aws-lambda-powertools/metrics';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { PROBLEMS } from '../../lambda/api/answer';
import { recordOf } from '../../lambda/aws/item';
import { PowertoolsTelemetry } from '../../lambda/aws/telemetry';
import { StoreThrottled, StoreUnreachable } from '../../lambda/record/store-errors';
import { createService } from '../../lambda/service';
import { sha256 } from '../../lambda/sha256';
import { type ErrorCode, VendingError } from '../../lambda/vending/errors';
import { apiEvent } from '../api/event';
import { CANARIES, tracesOf } from '../support/canaries';
import { outputOf } from '../support/captured-output';
import { type Item, ODD_ITEMS } from '../vending/odd-items';
import { START, World } from '../vending/world';

const { secret, token } = CANARIES;
const NO_STORE = { 'Cache-Control': 'no-store', Pragma: 'no-cache' };

const rejection = (body: string) => apiEvent({ method: 'POST', path: '/tokens/default/rejections', body });
const rejectionOf = (hash: string) => rejection(JSON.stringify({ token_sha256: hash }));

/** Calls as they should be, and as they come from a caller that sends a token to the wrong place. */
const calls = fc.constantFrom(
  apiEvent(),
  apiEvent(),
  apiEvent({ query: { 'X-Amz-Signature': [token] } }),
  apiEvent({ query: { min_ttl: ['60'] } }),
  apiEvent({ query: { min_ttl: ['601'] } }),
  rejectionOf(sha256(token).toUpperCase()),
  rejectionOf('0'.repeat(64)),
  rejectionOf(token),
  rejection(token),
  apiEvent({ path: `/tokens/${token}` }),
  apiEvent({ query: { [token]: [token] } }),
  apiEvent({ query: { min_ttl: [token] } }),
);

/** What stands where something else belongs. */
const odd = fc.oneof(
  fc.jsonValue(),
  fc.string({ unit: 'binary' }),
  fc.constantFrom<unknown>(
    undefined,
    token,
    [token],
    { [token]: token },
    { toString: 1 },
    ['min_ttl'],
    '['.repeat(5_000),
  ),
);

/** A field of an event in whose place something odd stands. */
const misfits = fc.oneof(
  fc.tuple(fc.constantFrom(...Object.keys(apiEvent()).filter((name) => name !== 'requestContext')), odd),
  // The gateway's own word on who called, which the audit line repeats: no place where a caller could put a token.
  fc.tuple(
    fc.constant('requestContext'),
    fc.oneof(
      fc.jsonValue(),
      fc.record({ identity: fc.jsonValue(), requestId: fc.jsonValue() }),
      fc.record({ identity: fc.record({ userArn: fc.jsonValue(), accountId: fc.jsonValue() }) }),
    ),
  ),
);

const events = fc.oneof(
  {
    arbitrary: fc
      .tuple(calls, fc.oneof(fc.constant([]), fc.array(misfits, { maxLength: 2 })))
      .map(([call, fields]) => ({ ...call, ...Object.fromEntries(fields) })),
    weight: 8,
  },
  fc.array(misfits, { maxLength: 8 }).map((fields) => Object.fromEntries(fields)),
  fc.anything(),
);

const FAILURES = [
  'credentials_rejected',
  'invalid_upstream_answer',
  'upstream_unavailable',
  'upstream_throttled',
  'credential_not_configured',
  'secret_unavailable',
] as const satisfies readonly ErrorCode[];

const fine = { fiskil: 'none', secrets: 'none', table: 'none' };
/** Any value under any name that the record has. */
const attributes = fc.oneof(
  fc.string().map((S) => ({ S })),
  fc.oneof(fc.integer(), fc.constantFrom(START, START + 10_000, START / 1_000, 1e300)).map((n) => ({ N: String(n) })),
  fc.boolean().map((BOOL) => ({ BOOL })),
  fc.constant({ NULL: true as const }),
);
const NAMES = [
  'token',
  'token_id',
  'expires_at',
  'issued_at',
  'lease_id',
  'lease_until',
  'forced_at',
  'failure',
  'vended',
];
const oddAttributes = fc.dictionary(
  fc.constantFrom(...NAMES),
  fc.oneof(
    attributes,
    fc.dictionary(fc.constantFrom('code', 'retry_at', 'count', 'secret_version'), attributes).map((M) => ({ M })),
  ),
  { maxKeys: 4 },
);

/** One thing fails, or nothing. */
const outsides = fc.record({
  failing: fc.oneof(
    fc.constant(fine),
    fc.constantFrom('unexpected', ...FAILURES).map((fiskil) => ({ ...fine, fiskil })),
    fc.constantFrom('unexpected', 'secret_unavailable').map((secrets) => ({ ...fine, secrets })),
    fc.constantFrom('unexpected', 'unreachable', 'throttled').map((table) => ({ ...fine, table })),
  ),
  /** Seconds that the stored token lives on. */
  stored: fc.constantFrom(undefined, undefined, 700, 100, 3, -1),
  /** What another release or somebody's hand has left in the record. */
  odd: fc.oneof(fc.constant({}), fc.constantFrom(...Object.values(ODD_ITEMS)), oddAttributes) as fc.Arbitrary<Item>,
});
type Outside = typeof outsides extends fc.Arbitrary<infer T> ? T : never;

/** What an exception that nobody expects may quote. */
const unexpected = () => new TypeError(`no ${secret}\n    at ${token}`, { cause: { secret, token } });

function failureOf(how: string): Error | undefined {
  if (how === 'none') return undefined;
  if (how === 'unreachable') return new StoreUnreachable('TimeoutError');
  if (how === 'throttled') return new StoreThrottled(token);
  return how === 'unexpected' ? unexpected() : new VendingError(how as ErrorCode, 'Did not work.', 17);
}

function serviceIn({ failing: { fiskil, secrets, table }, stored, odd }: Outside) {
  const world = new World();
  world.secrets.edit('v1', { clientId: 'id-1', clientSecret: secret });
  const expiresAt = START / 1_000 + (stored ?? 0);
  const good = {
    token: { S: token },
    token_id: { S: 'stored-id' },
    client_id: { S: 'id-1' },
    issued_at: { N: String(expiresAt - 900) },
    expires_at: { N: String(expiresAt) },
    secret_version: { S: 'v1' },
    vended: { BOOL: true },
  };
  const { stored: _own, ...record } = recordOf({ ...(stored !== undefined && good), ...odd });
  world.table.put('default', record);
  world.minter.answer = () => failureOf(fiskil) ?? { token: `${token}2`, expiresIn: 900 };
  const guard = (door: object, failure: Error | undefined) =>
    new Proxy(door, {
      get: (target, name) => {
        const member: unknown = Reflect.get(target, name);
        if (typeof member !== 'function') return member;
        if (failure === undefined) return member.bind(target);
        return () => Promise.reject(failure);
      },
    });
  let ids = 0;
  const service = createService({
    store: guard(world.table, failureOf(table)) as typeof world.table,
    secrets: guard(world.secrets, failureOf(secrets)) as typeof world.secrets,
    minter: world.minter,
    clock: world.clock,
    chance: { number: () => 0, id: () => `mint-${++ids}` },
    credentials: ['default'],
    telemetry: new PowertoolsTelemetry(
      new Logger({ serviceName: 'vending', logLevel: 'DEBUG' }),
      new Metrics({ namespace: 'Test', serviceName: 'vending' }),
    ),
  });
  return { world, service };
}

test('any event, whatever fails outside, gets one whole answer in its time, and no canary gets out', async () => {
  const seen = new Map<string, number>();
  await fc.assert(
    fc.asyncProperty(events, outsides, async (event, outside) => {
      const { world, service } = serviceIn(outside);
      let answer: Awaited<ReturnType<typeof service>>;
      const written = await outputOf(async () => {
        answer = await world.clock.run(service(event));
      });
      const { statusCode, headers, body: text, ...rest } = answer ?? { statusCode: 0, body: '{}' };
      const { token: vended, ...told } = JSON.parse(text) as Record<string, unknown>;

      expect(rest).toEqual({});
      expect(headers).toMatchObject(NO_STORE);
      if (statusCode === 200) {
        expect(headers).toEqual({ 'Content-Type': 'application/json', ...NO_STORE });
        expect([token, `${token}2`, outside.odd.token?.S]).toContain(vended);
        expect(Object.keys(told)).toEqual(['token_type', 'expires_in', 'expires_at', 'client_id', 'credential']);
        expect(told.expires_in).toBeGreaterThan(0);
      } else {
        const { status, title } = PROBLEMS[told.code as ErrorCode];
        expect(told).toEqual({ type: 'about:blank', title, status, code: told.code, detail: expect.any(String) });
        expect([statusCode, vended, headers?.['Content-Type']]).toEqual([
          status,
          undefined,
          'application/problem+json',
        ]);
        expect(String(headers?.['Retry-After'] ?? 1)).toMatch(/^[1-9]\d*$/);
        // No event brings that about by itself.
        if (told.code === 'internal_error') expect(Object.values(outside.failing)).toContain('unexpected');
      }
      // A caller has 22 s, and an attempt that has begun may end.
      expect(world.clock.now() - START).toBeLessThanOrEqual(22_000);
      expect(written.match(/"message":"audit"/g)).toHaveLength(1);
      const everything = [written, JSON.stringify([told, headers])].join('\n');
      expect([...tracesOf(secret, everything), ...tracesOf(token, everything)]).toEqual([]);
      const what = String(told.code ?? statusCode);
      seen.set(what, (seen.get(what) ?? 0) + 1);
    }),
    { numRuns: 600 },
  );
  // The events were odd enough to be refused and good enough to get through, and what failed outside was met.
  const often = [
    '200',
    'invalid_request',
    'unknown_credential',
    'min_ttl_unattainable',
    'secret_unavailable',
    'internal_error',
  ];
  expect([...seen.keys()]).toEqual(expect.arrayContaining(often));
});
