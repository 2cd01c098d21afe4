import { randomUUID } from 'node:crypto';
import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics } from '@aws-lambda-powertools/metrics';
import { PowertoolsTelemetry } from '../../lambda/aws/telemetry';
import { FiskilClient } from '../../lambda/fiskil/client';
import { MemoryStore } from '../../lambda/record/memory-store';
import type { RecordStore } from '../../lambda/record/types';
import { createService, type Telemetry } from '../../lambda/service';
import type { Minter } from '../../lambda/vending/types';
import { type Fault, type StandIn, startStandIn } from '../../local/fiskil-stand-in';
import { readerAt, SHORT, storeAt } from '../aws/doors';
import { CANARIES, everythingOf, tracesOf } from '../support/canaries';
import { outputOf } from '../support/captured-output';
import { type HttpServer, startHttpServer } from '../support/http-server';
import { answerJson } from '../support/stand-in-faults';

/** What Secrets Manager answers. */
export interface SecretAnswer {
  readonly status: number;
  readonly body: object;
}

export const goodSecret: SecretAnswer = secretText(
  JSON.stringify({ client_id: 'an-id', client_secret: CANARIES.secret }),
);

export const goodToken: Fault = answerJson({ token: CANARIES.token, expires_in: 900 });

/** The outside of one scene; what is not given works, with the canary for a secret and for a token. */
export interface Scene {
  readonly fiskil?: Fault;
  readonly secret?: SecretAnswer;
  /** What Secrets Manager answers from the second read on. @default - the same */
  readonly secretThen?: SecretAnswer;
  readonly store?: RecordStore;
  /** Where DynamoDB is, for the real store in the place of one in memory. */
  readonly dynamoDb?: string;
  /** @default - the real client, at Fiskil as given */
  readonly minter?: Minter;
  /** @default - the deployed one */
  readonly telemetry?: Telemetry;
}

export function secretText(text: string): SecretAnswer {
  return { status: 200, body: { SecretString: text, VersionId: 'v1' } };
}

/** What got out, and where to. */
export interface Watched {
  /** By canary: in what form it was found. */
  readonly traces: Readonly<Record<keyof typeof CANARIES, readonly string[]>>;
  readonly statuses: readonly (number | undefined)[];
}

/** The real service on real doors, and everything that leaves it by an answer, a log, a metric or an error. */
export class Stage {
  private constructor(
    private readonly fiskil: StandIn,
    private readonly secretsManager: HttpServer,
    private readonly secrets: { answers: SecretAnswer[] },
  ) {}

  static async open(): Promise<Stage> {
    const secrets = { answers: [goodSecret] };
    const secretsManager = await startHttpServer((_request, response) => {
      const { status, body } =
        (secrets.answers.length > 1 ? secrets.answers.shift() : secrets.answers[0]) ?? goodSecret;
      response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' }).end(JSON.stringify(body));
    });
    return new Stage(await startStandIn(), secretsManager, secrets);
  }

  async close(): Promise<void> {
    await Promise.all([this.fiskil.stop(), this.secretsManager.stop()]);
  }

  /** Sends the events to a new environment, one after the other, and searches all that gets out. */
  async watch(scene: Scene, events: readonly unknown[]): Promise<Watched> {
    this.fiskil.clearFaults();
    this.fiskil.answerNext(scene.fiskil ?? goodToken, Number.POSITIVE_INFINITY);
    this.secrets.answers = [scene.secret ?? goodSecret, ...(scene.secretThen ? [scene.secretThen] : [])];
    const errors: unknown[] = [];
    const told: string[] = [];
    const statuses: (number | undefined)[] = [];
    const written = await outputOf(async () => {
      const service = this.service(scene, errors);
      for (const event of events) {
        const answer = await service(event);
        statuses.push(answer?.statusCode);
        // A vended token is for the caller; the secret is for nobody.
        const { token: _vended, ...rest } = JSON.parse(answer?.body ?? '{}') as Record<string, unknown>;
        told.push(JSON.stringify([answer?.headers, answer?.statusCode === 200 ? rest : answer?.body]));
      }
    });
    // Each call leaves a line. None would mean that the log went elsewhere, and the search would find nothing there.
    if (!/"message":"(audit|ticked|tick_failed)"|"Tick"/.test(written)) throw new Error('nothing was logged');
    const everything = [written, ...told, ...errors.map(everythingOf)].join('\n');
    const traces = { secret: tracesOf(CANARIES.secret, everything), token: tracesOf(CANARIES.token, everything) };
    return { traces, statuses };
  }

  private service(scene: Scene, errors: unknown[]) {
    const client = new FiskilClient(this.fiskil.url, Date.now);
    return createService({
      store: scene.dynamoDb ? watched(storeAt(scene.dynamoDb), errors) : (scene.store ?? new MemoryStore()),
      // Enough for loopback; the SDK must not wait for long where it is throttled.
      secrets: watched(readerAt(this.secretsManager.origin, { attempt: 1_000, call: 2_000 }), errors),
      // Short where an answer may never end; a good one may take its time on a busy machine.
      minter: watched(
        scene.minter ?? { mint: (pair, ms) => client.mint(pair, Math.min(ms, scene.fiskil ? 2 * SHORT.attempt : ms)) },
        errors,
      ),
      clock: { now: Date.now, sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)) },
      chance: { number: () => 0, id: randomUUID },
      credentials: ['default'],
      telemetry:
        scene.telemetry ??
        new PowertoolsTelemetry(
          new Logger({ serviceName: 'vending', logLevel: 'DEBUG' }),
          new Metrics({ namespace: 'Test', serviceName: 'vending' }),
        ),
    });
  }
}

/** The same door, whose errors are kept. */
function watched<T extends object>(door: T, errors: unknown[]): T {
  return new Proxy(door, {
    get: (target, name) => {
      const member: unknown = Reflect.get(target, name);
      if (typeof member !== 'function') return member;
      return async (...args: unknown[]) => {
        try {
          return await member.apply(target, args);
        } catch (error) {
          errors.push(error);
          throw error;
        }
      };
    },
  });
}
