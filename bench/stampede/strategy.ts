import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { Clock, MintedToken } from '../../lambda/vending/types';

/** What one environment can use. Its memory is empty. */
export interface Doors {
  readonly client: DynamoDBClient;
  readonly tableName: string;
  readonly clock: Clock;
  readonly random: () => number;
  /** Asks Fiskil for a token. */
  readonly mint: () => Promise<MintedToken>;
}

/** A way to share one token among many environments through one table. */
export interface Strategy {
  readonly name: string;
  /** Seconds before a token's expiry at which this strategy, by its own rule, replaces it. */
  readonly turnover: number;
  /** One call in an environment that has just started. Returns the token. */
  call(doors: Doors): Promise<string>;
  /** Makes the tick of an environment that stays. */
  ticker?(doors: Doors): () => Promise<void>;
}
