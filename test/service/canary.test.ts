/** @jest-environment ./test/support/one-realm.ts */
import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics } from '@aws-lambda-powertools/metrics';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { AuditLine } from '../../lambda/api/audit';
import { PowertoolsTelemetry } from '../../lambda/aws/telemetry';
import { MemoryStore } from '../../lambda/record/memory-store';
import { StoreThrottled, StoreUnreachable } from '../../lambda/record/store-errors';
import type { RecordStore } from '../../lambda/record/types';
import type { Minter } from '../../lambda/vending/types';
import { apiEvent } from '../api/event';
import { CANARIES } from '../support/canaries';
import { startHttpServer } from '../support/http-server';
import { LIES, LYING_TOKENS } from '../support/lying-fiskil';
import { answer } from '../support/stand-in-faults';
import { type Scene, Stage, secretText } from './canary-scene';

const { secret, token } = CANARIES;
const CLEAN = { secret: [], token: [] };

const VEND = apiEvent();
const REJECT = apiEvent({
  method: 'POST',
  path: '/tokens/default/rejections',
  body: JSON.stringify({ token_sha256: '0'.repeat(64) }),
});
const TICK = { source: 'aws.events' };

let stage: Stage;
beforeAll(async () => {
  stage = await Stage.open();
});
afterAll(() => stage.close());

/** Neither canary may be anywhere, whatever came of the call. */
async function expectNoTrace(scene: Scene, events: readonly unknown[] = [VEND]) {
  const { traces, statuses } = await stage.watch(scene, events);
  expect(traces).toEqual(CLEAN);
  return statuses;
}

test('where all goes well, the token is in the answer and nowhere else', async () => {
  expect(await expectNoTrace({}, [VEND, REJECT, TICK, VEND])).toEqual([200, 200, undefined, 200]);
});

describe('no secret and no token gets out where Fiskil', () => {
  test.each(LIES)('%s', async (_what, fiskil) => {
    const [status] = await expectNoTrace({ fiskil }, [VEND, TICK]);
    expect(status).toBeGreaterThanOrEqual(500);
  });

  test.each(LYING_TOKENS)('gives a token that names %s', async (_what, fiskil) => {
    for (const org_id of ['', 'org_ours']) {
      const text = JSON.stringify({ client_id: 'an-id', client_secret: secret, org_id });
      const { traces } = await stage.watch({ fiskil, secret: secretText(text) }, [VEND, TICK]);
      expect(traces).toEqual(CLEAN);
    }
  });
});

describe('no secret gets out where it was pasted as', () => {
  const rows = (client_id: unknown, client_secret: unknown) => JSON.stringify({ client_id, client_secret });
  test.each([
    ['bare text', secret],
    ['JSON that is cut off', rows('an-id', secret).slice(0, -2)],
    ['JSON in curly quotes', `{“client_id”:“an-id”,“client_secret”:“${secret}”}`],
    ['a list', JSON.stringify(['an-id', secret])],
    ['a text in quotes', JSON.stringify(secret)],
    ['a key', JSON.stringify({ [secret]: '' })],
    ['a row of another name', JSON.stringify({ client_id: 'an-id', secret })],
    ['an object', rows('an-id', { secret })],
    ['text with a line break', rows('an-id', `${secret}\n`)],
    ['text in curly quotes', rows('an-id', `“${secret}”`)],
    ['text with a letter that is not ASCII', rows('an-id', `${secret}é`)],
    ['the id, and the secret is empty', rows(secret, '')],
  ])('%s', async (_what, text) => {
    expect(await expectNoTrace({ secret: secretText(text) }, [VEND, TICK])).toEqual([503, undefined]);
  });
});

test('no secret gets out that was pasted in the place of the id', async () => {
  const swapped = secretText(JSON.stringify({ client_id: secret, client_secret: 'an-id' }));
  expect(await expectNoTrace({ secret: swapped, fiskil: answer(401) }, [VEND, TICK])).toEqual([502, undefined]);
});

describe('no secret gets out where Secrets Manager', () => {
  const saying = (type: string, status = 400) => ({
    status,
    body: { __type: type, message: secret, Message: secret, secret },
  });
  test.each([
    ['does not find it', saying('ResourceNotFoundException')],
    ['is about to delete it', saying('InvalidRequestException')],
    ['denies it', saying('AccessDeniedException')],
    ['cannot decrypt it', saying('DecryptionFailure')],
    ['fails', saying('InternalServiceError', 500)],
    ['answers what is not its contract', { status: 200, body: [secret] }],
    ['answers a value of another type', { status: 200, body: { SecretString: { secret }, VersionId: secret } }],
  ])('%s', async (_what, answered) => {
    const [status] = await expectNoTrace({ secret: answered }, [VEND, TICK]);
    expect([500, 503]).toContain(status);
  });

  test('fails after it has answered once', async () => {
    const scene = { secretThen: saying('InternalServiceError', 500) };
    expect(await expectNoTrace(scene, [VEND, TICK])).toEqual([200, undefined]);
  });
});

describe('no token gets out where the table', () => {
  /** A store that keeps nothing of a token but an error that quotes it. */
  const failing = (publish: RecordStore['publish']) => Object.assign(new MemoryStore(), { publish });

  test.each<[string, RecordStore['publish']]>([
    ['fails in an unexpected way', async (_c, _l, { value }) => Promise.reject(new TypeError(`no\n    at ${value}`))],
    ['rejects with no error at all', async (_c, _l, { value }) => Promise.reject({ message: value })],
    ['cannot be reached', async () => Promise.reject(new StoreUnreachable('TimeoutError'))],
  ])('%s when a token is published', async (_what, publish) => {
    await expectNoTrace({ store: failing(publish) }, [VEND, TICK]);
  });

  test('fails in an unexpected way at the first read', async () => {
    const read = async () => Promise.reject(new TypeError(`no ${secret} and no\n    at ${token}`));
    expect(await expectNoTrace({ store: Object.assign(new MemoryStore(), { read }) }, [VEND, REJECT])).toEqual([
      500, 500,
    ]);
  });

  test('is asked too often', async () => {
    const store = new MemoryStore();
    let reads = 0;
    const read = async () => (++reads === 1 ? Promise.reject(new StoreThrottled(token)) : undefined);
    expect(await expectNoTrace({ store: Object.assign(store, { read }) })).toEqual([200]);
  });

  test.each([
    ['denies', 400, 'AccessDeniedException'],
    ['fails', 500, 'InternalServerError'],
    ['finds fault with the request', 400, 'ValidationException'],
  ])('%s, and says why', async (_what, status, type) => {
    const server = await startHttpServer((_request, response, body) => {
      const said = `said no to ${body} of ${token}`;
      response
        .writeHead(status, { 'x-amzn-errortype': type })
        .end(JSON.stringify({ __type: type, message: said, Item: said }));
    });
    try {
      // Cut off from its table, the environment vends from memory.
      expect(await expectNoTrace({ dynamoDb: server.origin }, [VEND, VEND])).toEqual([200, 200]);
    } finally {
      await server.stop();
    }
  });
});

test('no token gets out that a caller sends to where none belongs', async () => {
  const rejection = { method: 'POST', path: '/tokens/default/rejections' };
  const events = [
    apiEvent({ path: `/tokens/${token}` }),
    apiEvent({ query: { token: [token] } }),
    apiEvent({ query: { [token]: ['1'] } }),
    apiEvent({ query: { min_ttl: [token] } }),
    apiEvent({ ...rejection, body: token }),
    apiEvent({ ...rejection, body: JSON.stringify({ token }) }),
    apiEvent({ ...rejection, body: JSON.stringify({ token_sha256: token }) }),
    { ...VEND, headers: { Authorization: `Bearer ${token}` }, httpMethod: token },
  ];
  expect(await expectNoTrace({}, events)).toEqual([404, 400, 400, 400, 400, 400, 400, 400]);
});

describe('the search bites: it finds', () => {
  /** What a careless hand would make of the telemetry. */
  class Careless extends PowertoolsTelemetry {
    constructor(private readonly log: Logger) {
      super(log, new Metrics({ namespace: 'Test', serviceName: 'vending' }));
    }
    override fault(error: unknown): void {
      this.log.error('fault', error as Error);
    }
    override audit(line: AuditLine): void {
      this.log.info('audit', { ...line, event: { headers: { Authorization: `Bearer ${token}` } } });
    }
  }
  const careless = () => new Careless(new Logger({ serviceName: 'vending' }));

  test('an exception that is logged with its message', async () => {
    const read = async () => Promise.reject(new TypeError(`no ${secret}`));
    const { traces } = await stage.watch({ store: Object.assign(new MemoryStore(), { read }), telemetry: careless() }, [
      VEND,
    ]);
    expect(traces.secret).not.toEqual([]);
  });

  test('an event that is logged with its headers', async () => {
    expect((await stage.watch({ telemetry: careless() }, [VEND])).traces.token).not.toEqual([]);
  });

  test('a metric that is named by what was minted', async () => {
    const metrics = new Metrics({ namespace: 'Test', serviceName: 'vending' });
    const telemetry = new PowertoolsTelemetry(new Logger({ serviceName: 'vending' }), metrics);
    telemetry.observe = () => metrics.addMetric(token, 'Count', 1).publishStoredMetrics();
    expect((await stage.watch({ telemetry }, [VEND])).traces.token).not.toEqual([]);
  });

  test('an error of a door that quotes what it was given', async () => {
    const minter: Minter = {
      mint: async ({ clientSecret }) => Promise.reject(new Error('no', { cause: clientSecret })),
    };
    expect((await stage.watch({ minter }, [VEND])).traces.secret).not.toEqual([]);
  });
});
