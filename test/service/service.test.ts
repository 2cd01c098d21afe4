import { beforeEach, describe, expect, test } from '@jest/globals';
import { MemoryStore } from '../../lambda/record/memory-store';
import { StoreUnreachable } from '../../lambda/record/store-errors';
import { sha256 } from '../../lambda/sha256';
import { VendingError } from '../../lambda/vending/errors';
import { apiEvent, CALLER, type Call } from '../api/event';
import { CANARIES, tracesOf } from '../support/canaries';
import { START } from '../vending/world';
import { ServiceWorld } from './service-world';

let world: ServiceWorld;
beforeEach(() => {
  world = new ServiceWorld();
});

const TICK = {
  source: 'aws.events',
  'detail-type': 'Scheduled Event',
  detail: {},
  resources: ['arn:aws:events:…:rule/tick'],
};
const NO_STORE = { 'Cache-Control': 'no-store', Pragma: 'no-cache' };

const rejection = (token: string) =>
  apiEvent({
    method: 'POST',
    path: '/tokens/default/rejections',
    body: JSON.stringify({ token_sha256: sha256(token) }),
  });

const who = {
  caller_arn: CALLER,
  caller_role: 'arn:aws:iam::111122223333:role/nightly-sync',
  caller_account: '111122223333',
  source_ip: '203.0.113.7',
  request_id: 'c6af9ac6-7b61-11e6-9a41-93e8deadbeef',
};

describe('a vend', () => {
  test('on a cold start mints, stores and answers as documented', async () => {
    expect(await world.invoke(apiEvent())).toEqual({
      status: 200,
      headers: { 'Content-Type': 'application/json', ...NO_STORE },
      body: {
        token: 'token-1',
        token_type: 'Bearer',
        // A third of a second went by between the mint and the answer.
        expires_in: 899,
        expires_at: new Date(START + 900_000).toISOString().replace('.000Z', 'Z'),
        client_id: 'id-1',
        credential: 'default',
      },
    });
    expect(world.table.peek('default')?.token).toMatchObject({ value: 'token-1', expiresAt: START / 1_000 + 900 });
  });

  test('again is answered from memory, with no second mint', async () => {
    await world.invoke(apiEvent());
    await world.clock.advance(9_000);
    expect(await world.invoke(apiEvent())).toMatchObject({ status: 200, body: { token: 'token-1', expires_in: 890 } });
    expect(world.minter.mints).toBe(1);
    expect(world.telemetry.lines.map(({ line }) => line.source)).toEqual(['mint', 'memory']);
  });

  test('while mints fail says so in its line, from the table and from memory', async () => {
    const token = world.store({ secondsLeft: 700 });
    const failure = { code: 'upstream_unavailable', retryAt: START + 60_000, count: 3 } as const;
    world.table.put('default', { tokenId: token.id, token, failure });
    await world.invoke(apiEvent());
    await world.invoke(apiEvent());
    expect(world.telemetry.lines.map(({ line }) => [line.outcome, line.source, line.behind_failure])).toEqual([
      ['vended', 'table', 'upstream_unavailable'],
      ['vended', 'memory', 'upstream_unavailable'],
    ]);
  });

  test('by another environment is answered from the table', async () => {
    const stored = world.store({ value: 'stored', secondsLeft: 700 });
    expect(await world.invoke(apiEvent())).toMatchObject({ status: 200, body: { token: 'stored', expires_in: 700 } });
    expect(world.minter.mints).toBe(0);
    expect(world.telemetry.lines).toEqual([
      {
        line: {
          action: 'vend',
          outcome: 'vended',
          credential: 'default',
          ...who,
          status: 200,
          source: 'table',
          expires_at: new Date(stored.expiresAt * 1_000).toISOString(),
          expires_in: 700,
          token_sha256_prefix: sha256('stored').slice(0, 16),
        },
      },
    ]);
  });

  test('with min_ttl mints where the stored token has less', async () => {
    world.store({ secondsLeft: 300 });
    const answer = await world.invoke(apiEvent({ query: { min_ttl: ['600'] } }));
    expect(answer).toMatchObject({ status: 200, body: { token: 'token-1' } });
  });
});

describe('a rejection', () => {
  test('of the stored token is answered with another one, and says so', async () => {
    world.store({ value: 'refused' });
    expect(await world.invoke(rejection('refused'))).toMatchObject({ status: 200, body: { token: 'token-1' } });
    expect(world.telemetry.lines.map(({ line }) => line)).toMatchObject([
      { action: 'reject', outcome: 'vended', credential: 'default', source: 'mint', ...who },
    ]);
  });

  test('of a token that is no longer stored is answered with the one that is', async () => {
    world.store({ value: 'newer' });
    expect(await world.invoke(rejection('older'))).toMatchObject({ status: 200, body: { token: 'newer' } });
    expect(world.minter.mints).toBe(0);
  });

  test('too soon after the last is answered with 429 and Retry-After', async () => {
    world.store({ value: 'refused' });
    await world.invoke(rejection('refused'));
    const { status, headers, body } = await world.invoke(rejection('token-1'));
    expect([status, body?.code]).toEqual([429, 'rejection_too_soon']);
    // The mint took a third of a second of the 30 s.
    expect(headers?.['Retry-After']).toBe('30');
    expect(world.telemetry.lines.map(({ line }) => line).slice(1)).toEqual([
      { action: 'reject', outcome: 'refused', credential: 'default', status: 429, code: 'rejection_too_soon', ...who },
    ]);
  });
});

describe('a refusal', () => {
  const asItIs = () => {};
  const refuse = (code: VendingError['code']) => () => world.minter.fail(code);
  test.each<[string, number, string, Call, () => void]>([
    ['of a parameter that is not known', 400, 'invalid_request', { query: { ttl: ['5'] } }, asItIs],
    [
      'of a rejection without a hash',
      400,
      'invalid_request',
      { method: 'POST', path: '/tokens/default/rejections', body: '{}' },
      asItIs,
    ],
    ['of a path that is none of the API', 400, 'invalid_request', { path: '/tokens' }, asItIs],
    ['of a name that is not configured', 404, 'unknown_credential', { path: '/tokens/other' }, asItIs],
    ['of more life than is attainable', 422, 'min_ttl_unattainable', { query: { min_ttl: ['601'] } }, asItIs],
    ['by Fiskil, of the pair', 502, 'credentials_rejected', {}, refuse('credentials_rejected')],
    ['of an answer that breaks the contract', 502, 'invalid_upstream_answer', {}, refuse('invalid_upstream_answer')],
    ['while Fiskil is down', 503, 'upstream_unavailable', {}, refuse('upstream_unavailable')],
    ['while Fiskil throttles', 503, 'upstream_throttled', {}, refuse('upstream_throttled')],
    [
      'while the secret is empty',
      503,
      'credential_not_configured',
      {},
      () => {
        world.secrets.failure = new VendingError('credential_not_configured', 'test', 2);
      },
    ],
    [
      'while Secrets Manager is down',
      503,
      'secret_unavailable',
      {},
      () => {
        world.secrets.failure = new VendingError('secret_unavailable', 'test', undefined, 'AccessDeniedException');
      },
    ],
  ])('%s is %i %s, is in no cache and leaves one line', async (_what, status, code, call, arrange) => {
    arrange();
    const answer = await world.invoke(apiEvent(call));
    expect(answer).toMatchObject({
      status,
      headers: { 'Content-Type': 'application/problem+json', ...NO_STORE },
      body: { type: 'about:blank', status, code, title: expect.any(String), detail: expect.any(String) },
    });
    const { method = 'GET', path = '/tokens/default' } = call;
    const understood = path.startsWith('/tokens/default')
      ? { action: method === 'POST' ? 'reject' : 'vend', credential: 'default' }
      : { action: 'unknown' };
    expect(world.telemetry.lines).toEqual([{ line: { ...understood, outcome: 'refused', ...who, status, code } }]);
    expect(world.telemetry.flushes).toBe(1);
  });

  test('of the secret passes on what is wrong with it', async () => {
    world.secrets.failure = new VendingError('credential_not_configured', '"client_id" is empty.', 2);
    const { body, headers } = await world.invoke(apiEvent());
    expect([body?.detail, headers?.['Retry-After']]).toEqual(['"client_id" is empty.', '2']);
  });

  test.each(['upstream_unavailable', 'upstream_throttled'] as const)('with %s says when to come back', async (code) => {
    world.minter.fail(code, code === 'upstream_throttled' ? 17 : undefined);
    const { headers } = await world.invoke(apiEvent());
    expect(headers?.['Retry-After']).toBe(code === 'upstream_throttled' ? '17' : '1');
  });
});

describe('an exception that nobody expects', () => {
  const failure = () => new TypeError(`Cannot read "${CANARIES.secret}" of ${CANARIES.token}`);

  test.each([
    [
      'in the table',
      () => {
        const store = new MemoryStore();
        store.read = async () => {
          throw failure();
        };
        return new ServiceWorld(store);
      },
    ],
    [
      'in the secret',
      () => {
        const failing = new ServiceWorld();
        failing.secrets.current = async () => {
          throw failure();
        };
        return failing;
      },
    ],
    [
      'in the mint',
      () => {
        const failing = new ServiceWorld();
        failing.minter.answer = failure;
        return failing;
      },
    ],
  ])('%s is a 500 that says nothing of it', async (_where, arrange) => {
    const failing = arrange();
    const answer = await failing.invoke(apiEvent());
    expect(answer).toMatchObject({ status: 500, headers: NO_STORE, body: { code: 'internal_error' } });
    const { lines, facts } = failing.telemetry;
    expect(lines.map(({ line }) => line.code)).toEqual(['internal_error']);
    const told = JSON.stringify([answer, lines, facts]);
    expect([...tracesOf(CANARIES.secret, told), ...tracesOf(CANARIES.token, told)]).toEqual([]);
  });

  test('is handed to whoever keeps the faults', async () => {
    const store = new MemoryStore();
    const thrown = failure();
    store.read = async () => {
      throw thrown;
    };
    const failing = new ServiceWorld(store);
    await failing.invoke(apiEvent());
    expect(failing.telemetry.faults).toEqual([thrown]);
    expect(failing.telemetry.requests).toEqual([`fault ${who.request_id}`]);
  });
});

describe('what happens is told of the request that began it', () => {
  const requested = (requestId: string, event = apiEvent()) => ({
    ...event,
    requestContext: { ...event.requestContext, requestId },
  });

  test('also where a refresh outlives its call, and ends during the next', async () => {
    world.store({ secondsLeft: 100 });
    world.minter.latency = 3_000;
    await world.invoke(requested('first'));
    expect(world.telemetry.requests).toEqual([]);
    const second = world.service(requested('second'));
    await world.clock.advance(2_000);
    await second;
    expect(world.telemetry.requests).toEqual(['minted first']);
  });

  test('also where that is a rejection', async () => {
    world.store({ value: 'refused', secondsLeft: 500 });
    await world.invoke(requested('first', rejection('refused')));
    expect(world.telemetry.requests).toContain('minted first');
  });

  test('but that the table is out of reach is of none', async () => {
    const store = new MemoryStore();
    store.read = async () => {
      throw new StoreUnreachable('TimeoutError');
    };
    const cutOff = new ServiceWorld(store);
    await cutOff.invoke(requested('first'));
    expect(cutOff.telemetry.requests).toEqual(expect.arrayContaining(['table_unreachable undefined', 'minted first']));
  });

  test('and a tick is none', async () => {
    world.store({ secondsLeft: 200 });
    await world.invoke(TICK);
    expect(world.telemetry.requests.sort()).toEqual(['minted undefined', 'ticked undefined', 'ticked undefined']);
  });
});

describe('a tick', () => {
  test('answers nothing, leaves no audit line and looks after every credential', async () => {
    world.store({ secondsLeft: 200 });
    expect(await world.invoke(TICK)).toEqual({});
    expect(world.telemetry.lines).toEqual([]);
    expect(world.telemetry.flushes).toBe(1);
    expect(world.telemetry.facts.map(({ kind, credential }) => `${kind} ${credential}`).sort()).toEqual([
      'minted default',
      'ticked default',
      'ticked sandbox',
    ]);
    expect(world.table.peek('default')?.token?.value).toBe('token-1');
  });

  test('that fails ends well: nobody is there to take an exception', async () => {
    world.store({ secondsLeft: 200 });
    world.secrets.failure = new VendingError('secret_unavailable', 'No.');
    expect(await world.invoke(TICK)).toEqual({});
    expect(world.telemetry.facts).toContainEqual({
      kind: 'tick_failed',
      credential: 'default',
      code: 'secret_unavailable',
      reason: undefined,
    });
  });
});
