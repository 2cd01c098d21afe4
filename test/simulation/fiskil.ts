import { ATTEMPT_BUDGET } from '../../lambda/vending/budgets';
import { mintFailure, type VendingError } from '../../lambda/vending/errors';
import type { MintedToken, Minter, Pair } from '../../lambda/vending/types';
import type { Environment, World } from './environment';
import type { Weather } from './weather';

/** A token as Fiskil knows it. Instants are true epoch milliseconds. */
export interface Issued {
  readonly value: string;
  readonly credential: string;
  readonly clientId: string;
  /** The id of the team that the token names. */
  readonly team: string;
  readonly issuedAt: number;
  readonly expiresAt: number;
  /** Who asked for it. */
  readonly environment: Environment;
  dead: boolean;
}

interface Key {
  readonly credential: string;
  readonly team: string;
  readonly pair: Pair;
  enabled: boolean;
  newest?: Issued;
}

const TROUBLE = [
  'fiskil_unreachable',
  'fiskil_5xx',
  'fiskil_throttles',
  'fiskil_refuses',
  'fiskil_bad_answer',
  'fiskil_answer_lost',
  'fiskil_slow',
] as const;

/** What callers of this simulation look for where no token and no secret may be. */
export const CANARY = 'canary';

/** The team that the row `org_id` of every secret says. */
export const OUR_TEAM = `${CANARY}-our-team`;
/** Whose keys Fiskil takes as well. */
export const ANOTHER_TEAM = `${CANARY}-another-team`;

/** Fiskil's token endpoint, and the product's HTTP client in front of it: one attempt of 5 s, a second where the connection failed. */
export class Fiskil {
  readonly issued = new Map<string, Issued>();
  private readonly keys = new Map<string, Key>();

  constructor(
    private readonly world: World,
    private readonly weather: Weather,
    private readonly onIssued: (issued: Issued) => void,
  ) {}

  /** A new key pair, made in Fiskil's console by somebody of that team. */
  makeKey(credential: string, team = OUR_TEAM): Pair {
    const number = this.keys.size + 1;
    const pair = { clientId: `client-${number}`, clientSecret: `${CANARY}-secret-${number}` };
    this.keys.set(pair.clientId, { credential, team, pair, enabled: true });
    return pair;
  }

  /** The key mints no more; its tokens may live on. */
  disableKey(clientId: string, killsTokens: boolean): void {
    const key = this.keys.get(clientId);
    if (key) {
      key.enabled = false;
      this.kill(killsTokens ? [...this.issued.values()].filter((issued) => issued.clientId === clientId) : []);
    }
  }

  isAlive(value: string): boolean {
    const issued = this.issued.get(value);
    return issued !== undefined && !issued.dead && this.world.scheduler.now < issued.expiresAt;
  }

  kill(tokens: readonly Issued[]): void {
    for (const token of tokens) {
      token.dead = true;
    }
  }

  doorOf(environment: Environment): Minter {
    return {
      mint: (pair, timeoutMs) =>
        new Promise((resolve, reject) => {
          const end = environment.now() + timeoutMs;
          this.attempt(environment, pair, timeoutMs, resolve, reject, () => {
            const left = end - environment.now();
            if (left > 0) {
              this.attempt(environment, pair, left, resolve, reject, () => reject(unavailable('ECONNRESET')));
            } else {
              reject(unavailable('ECONNRESET'));
            }
          });
        }),
    };
  }

  private attempt(
    environment: Environment,
    pair: Pair,
    left: number,
    resolve: (minted: MintedToken) => void,
    reject: (error: VendingError) => void,
    disconnected: () => void,
  ): void {
    const { faults, random, scheduler } = this.world;
    const budget = Math.min(left, ATTEMPT_BUDGET);
    const fault = faults.oneOf(TROUBLE);
    if (fault) {
      environment.disturb();
      this.world.tell?.(() => `${environment.name} asks Fiskil: ${fault}`);
    }
    const latency = fault === 'fiskil_slow' ? random.whole(1_500, 9_000) : random.whole(200, 900);
    const timeout = () => {
      environment.disturb();
      reject(unavailable('timeout'));
    };
    if (fault === 'fiskil_unreachable') {
      environment.in(random.whole(1, Math.min(budget, 1_000)), disconnected, timeout);
      return;
    }
    let answer: () => void = timeout;
    scheduler.in(latency / 2, () => {
      answer = this.process(environment, pair, fault, resolve, reject);
    });
    if (latency >= budget) {
      environment.in(budget, timeout);
    } else {
      const arrives = () => (fault === 'fiskil_answer_lost' ? disconnected() : answer());
      environment.in(latency, arrives, timeout);
    }
  }

  /** What Fiskil does when the request is there, and the answer that it sends. */
  private process(
    environment: Environment,
    pair: Pair,
    fault: (typeof TROUBLE)[number] | undefined,
    resolve: (minted: MintedToken) => void,
    reject: (error: VendingError) => void,
  ): () => void {
    const refuse = (
      code: 'credentials_rejected' | 'upstream_throttled' | 'upstream_unavailable',
      retryAfter?: number,
    ) => {
      return () => reject(mintFailure(code, 'HTTP', retryAfter));
    };
    const key = this.keys.get(pair.clientId);
    if (!key?.enabled || key.pair.clientSecret !== pair.clientSecret || fault === 'fiskil_refuses') {
      return refuse('credentials_rejected');
    }
    if (fault === 'fiskil_5xx') {
      return refuse('upstream_unavailable');
    }
    if (fault === 'fiskil_throttles') {
      return refuse('upstream_throttled', this.world.random.pick([undefined, 0, 1, 5, 30, 120, 900]));
    }
    const { value, expiresAt } = this.issue(environment, key);
    const expiresIn = Math.floor((expiresAt - this.world.scheduler.now) / 1_000);
    return fault === 'fiskil_bad_answer'
      ? () => reject(mintFailure('invalid_upstream_answer', 'expires_in'))
      : () => {
          environment.lastSeen.set(key.credential, value);
          resolve({ token: value, expiresIn });
        };
  }

  private issue(environment: Environment, key: Key): Issued {
    const { now } = this.world.scheduler;
    const { newest } = key;
    const isYoung = newest && newest.expiresAt - now > (newest.expiresAt - newest.issuedAt) / 2;
    if (isYoung && this.world.faults.strikes('fiskil_same_string')) {
      return newest;
    }
    if (newest && this.weather.onlyNewestLives) {
      this.kill([newest]);
    }
    const issued: Issued = {
      value: `${CANARY}-token-${this.issued.size + 1}.${claims(key.team)}.${CANARY}`,
      credential: key.credential,
      clientId: key.pair.clientId,
      team: key.team,
      issuedAt: now,
      expiresAt: now + this.world.random.pick(this.weather.lives) * 1_000,
      environment,
      dead: false,
    };
    key.newest = issued;
    this.issued.set(issued.value, issued);
    this.world.tell?.(() => `Fiskil issues ${issued.value} to ${environment.name}`);
    this.onIssued(issued);
    return issued;
  }
}

function claims(team: string): string {
  return Buffer.from(JSON.stringify({ org_id: team })).toString('base64url');
}

function unavailable(reason: string): VendingError {
  return mintFailure('upstream_unavailable', reason);
}
