import type { Pair } from '../../lambda/vending/types';
import type { World } from './environment';
import { ANOTHER_TEAM, CANARY, type Fiskil, OUR_TEAM } from './fiskil';
import type { Secrets } from './secrets';
import type { Weather } from './weather';

/** What people paste (promise 22), with a real secret in it that must not come to light. */
const BAD_PASTES: readonly ((pair: Pair) => string)[] = [
  ({ clientSecret }) => clientSecret,
  ({ clientId, clientSecret }) => JSON.stringify({ client_id: clientId, client_secret: `${clientSecret}\n` }),
  ({ clientId, clientSecret }) => JSON.stringify({ client_id: clientId, client_secret: `“${clientSecret}”` }),
  ({ clientId, clientSecret }) => JSON.stringify({ clientId, clientSecret }),
  ({ clientId, clientSecret }) => `{"client_id":"${clientId}","client_secret":"${clientSecret}"`,
  () => EMPTY,
];

const EMPTY = '{"client_id":"","client_secret":""}';

/** The people who keep the secret and the keys, and Fiskil's own. */
export class Operators {
  private readonly good = new Map<string, Pair>();

  constructor(
    private readonly world: World,
    private readonly weather: Weather,
    private readonly secrets: Secrets,
    private readonly fiskil: Fiskil,
    /** True epoch milliseconds; nothing is left undone then. */
    private readonly end: number,
  ) {}

  /** Sets every credential up, and puts in the calendar what they will do. */
  plan(): void {
    const { scheduler, random } = this.world;
    for (const credential of this.weather.credentials) {
      this.good.set(credential, this.fiskil.makeKey(credential));
      this.secrets.put(credential, EMPTY);
      if (this.weather.configuredAtStart) {
        this.repair(credential);
      } else {
        this.later(60_000, () => this.repair(credential));
      }
    }
    const deeds = {
      rotated: this.rotate,
      staged: this.stage,
      bad_paste: this.pasteBadly,
      wrong_pair: this.pasteWrongPair,
      revoked: this.revoke,
    } as const;
    for (const fault of ['rotated', 'staged', 'bad_paste', 'wrong_pair', 'revoked'] as const) {
      for (const instant of this.world.faults.instantsOf(fault)) {
        scheduler.at(instant, () => {
          if (this.world.faults.strikes(fault)) {
            deeds[fault].call(this, random.pick(this.weather.credentials));
          }
        });
      }
    }
    scheduler.at(this.end, () => this.weather.credentials.map((credential) => this.repair(credential)));
  }

  /** Pastes the pair that works, unless it is there already. */
  private repair(credential: string): void {
    const text = textOf(this.pairOf(credential));
    if (this.secrets.text(credential) !== text) {
      this.secrets.put(credential, text);
    }
  }

  private rotate(credential: string): void {
    const old = this.pairOf(credential);
    this.good.set(credential, this.fiskil.makeKey(credential));
    this.repair(credential);
    // Nobody who is calm takes the old key away before a tick has come, nor the tokens that are in use.
    const soonest = this.weather.calm ? 90_000 : 0;
    const killsTokens = !this.weather.calm && this.world.random.chance(0.5);
    if (this.world.scheduler.now + soonest < this.end) {
      this.later(300_000, () => this.fiskil.disableKey(old.clientId, killsTokens), soonest);
    }
  }

  /** A next pair beside the live one: a new version, the same live pair. */
  private stage(credential: string): void {
    const next = { next_client_id: 'client-next', next_client_secret: `${CANARY}-secret-next` };
    this.secrets.put(credential, JSON.stringify({ ...JSON.parse(textOf(this.pairOf(credential))), ...next }));
  }

  private pasteBadly(credential: string): void {
    this.secrets.put(credential, this.world.random.pick(BAD_PASTES)(this.pairOf(credential)));
    this.later(200_000, () => this.repair(credential));
  }

  /** One that Fiskil refuses, or, by the second in which it happens, one that it takes, of another team. */
  private pasteWrongPair(credential: string): void {
    const { clientId } = this.pairOf(credential);
    const isForeign = Math.floor(this.world.scheduler.now / 1_000) % 2 === 0;
    const refused = { clientId, clientSecret: `${CANARY}-secret-of-another-key` };
    this.secrets.put(credential, textOf(isForeign ? this.fiskil.makeKey(credential, ANOTHER_TEAM) : refused));
    this.later(200_000, () => this.repair(credential));
  }

  private revoke(credential: string): void {
    this.fiskil.kill([...this.fiskil.issued.values()].filter((issued) => issued.credential === credential));
  }

  private pairOf(credential: string): Pair {
    const pair = this.good.get(credential);
    if (!pair) {
      throw new Error(`no key was made for ${credential}`);
    }
    return pair;
  }

  private later(most: number, deed: () => void, soonest = 0): void {
    const { scheduler, random } = this.world;
    scheduler.at(Math.max(scheduler.now, Math.min(scheduler.now + random.whole(soonest, most), this.end - 1)), deed);
  }
}

function textOf({ clientId, clientSecret }: Pair): string {
  return JSON.stringify({ client_id: clientId, client_secret: clientSecret, org_id: OUR_TEAM });
}
