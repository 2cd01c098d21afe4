import { randomUUID } from 'node:crypto';
import { DynamoDbStore } from '../../lambda/aws/dynamodb-store';
import { createEngine, type Engine } from '../../lambda/vending/engine';
import type { Doors, Strategy } from './strategy';

/**
 * The bench's thousand environments share one processor with the table, so a call takes seconds instead of milliseconds. With the deployed timeouts
 * (2 s a call), the engine would take that queue for an outage of the table.
 */
const PATIENT = { attempt: 60_000, call: 60_000 };

const PAIR = { pair: { clientId: 'bench', clientSecret: 'bench' }, version: '1' };

function engineOf({ client, tableName, clock, random, mint }: Doors): Engine {
  return createEngine({
    store: new DynamoDbStore(client, tableName, PATIENT),
    secrets: { current: async () => PAIR, version: async () => PAIR.pair },
    minter: { mint },
    clock,
    chance: { number: random, id: randomUUID },
    observe: () => undefined,
  });
}

const CREDENTIAL = 'default';

async function call(doors: Doors): Promise<string> {
  const { token } = await engineOf(doors).vend({ credential: CREDENTIAL });
  return token.value;
}

/** A caller replaces the token when a fifth of its 900 s is left. */
export const engineAlone: Strategy = { name: 'this engine, no tick', turnover: 180, call };

/** The tick replaces the token when a third of its 900 s is left. */
export const engineWithTick: Strategy = {
  name: 'this engine',
  turnover: 300,
  call,
  ticker: (doors) => {
    const engine = engineOf(doors);
    return () => engine.tick([CREDENTIAL]);
  },
};
