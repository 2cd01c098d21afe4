import { randomUUID } from 'node:crypto';
import { ConditionalCheckFailedException, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { MintedToken } from '../../lambda/vending/types';
import { createTable } from '../../test/support/create-table';
import type { Doors } from './strategy';

/** Seconds. Fiskil calls this life typical. */
export const LIFE = 900;

/** Milliseconds, measured at Fiskil's token endpoint. */
export const FISKIL_LATENCY = 350;

/** Connections to the table. Really, each environment has its own. Here a thousand of them would only wait for one processor. */
const CONNECTIONS = 256;

/** Operations on the table, and mints. */
export interface Counts {
  mints: number;
  reads: number;
  writes: number;
  /** The writes whose condition failed. They cost as much as the others. */
  refused: number;
}

const NOTHING: Readonly<Counts> = { mints: 0, reads: 0, writes: 0, refused: 0 };

/**
 * A table, a Fiskil and a clock for one strategy. While anything is in flight, the clock runs as fast as the machine's, so every wait is real.
 * Between two crowds nothing is in flight, and the clock skips that time.
 */
export class World {
  counts: Counts = { ...NOTHING };
  /** Token → epoch milliseconds at which it expires. */
  readonly tokens = new Map<string, number>();
  private inFlight = 0;
  private leapt = 0;

  private constructor(
    private readonly client: DynamoDBClient,
    private readonly tableName: string,
  ) {
    client.middlewareStack.add(
      (next, { commandName }) =>
        (command) =>
          this.counted(commandName, () => next(command)),
      {
        step: 'initialize',
      },
    );
  }

  static async create(endpoint: string, tableName: string): Promise<World> {
    const client = new DynamoDBClient({
      endpoint,
      region: 'local',
      credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
      requestHandler: {
        httpAgent: { maxSockets: CONNECTIONS, keepAlive: true },
        socketAcquisitionWarningTimeout: 60_000,
      },
    });
    await createTable(client, tableName);
    return new World(client, tableName);
  }

  /** When the newest token expires. */
  get expiry(): number {
    return [...this.tokens.values()].at(-1) ?? 0;
  }

  now(): number {
    return Date.now() + this.leapt;
  }

  resetCounts(): void {
    this.counts = { ...NOTHING };
  }

  /** Waits until nothing is in flight, then sets the clock to `instant`, unless that is past. */
  async leapTo(instant: number): Promise<void> {
    while (this.inFlight > 0) await pause(5);
    this.leapt += Math.max(0, instant - this.now());
  }

  /** Waits in real time until `instant`. */
  async waitUntil(instant: number): Promise<void> {
    const left = instant - this.now();
    if (left > 0) await pause(left);
  }

  /** The doors of one environment. It calls `onWait` when it begins to wait for its own mint or for the clock. */
  doors(onWait: () => void): Doors {
    const noting = <T>(operation: () => Promise<T>) => {
      onWait();
      return operation();
    };
    return {
      client: this.client,
      tableName: this.tableName,
      clock: { now: () => this.now(), sleep: (ms) => noting(() => pause(ms)) },
      random: Math.random,
      mint: () => noting(() => this.mint()),
    };
  }

  private async mint(): Promise<MintedToken> {
    this.counts.mints += 1;
    this.inFlight += 1;
    const issuedAt = this.now();
    await pause(FISKIL_LATENCY);
    this.inFlight -= 1;
    // As long as Fiskil's tokens, because most of an item is its token.
    const token = `${randomUUID()}${'x'.repeat(800)}`;
    this.tokens.set(token, issuedAt + LIFE * 1_000);
    return { token, expiresIn: LIFE };
  }

  private async counted<T>(commandName: string | undefined, operation: () => Promise<T>): Promise<T> {
    this.counts[commandName === 'GetItemCommand' ? 'reads' : 'writes'] += 1;
    this.inFlight += 1;
    try {
      return await operation();
    } catch (error) {
      // Nothing else goes wrong at a table on loopback with long timeouts. If it does, the bench ends with that error.
      if (error instanceof ConditionalCheckFailedException) this.counts.refused += 1;
      throw error;
    } finally {
      this.inFlight -= 1;
    }
  }
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
