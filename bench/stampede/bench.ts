import { startDynamoDbLocal } from '../../test/support/dynamodb-local';
import { publish, table } from '../report';
import { percentile, sum } from '../stats';
import { type Call, CROWD, isShort, PATTERNS, type Pattern, type Rollover, rollOver, warmUp } from './crowd';
import { dynamodbLock } from './dynamodb-lock';
import { engineAlone, engineWithTick } from './engine';
import { plainCache } from './plain-cache';
import type { Strategy } from './strategy';
import { type Counts, FISKIL_LATENCY, LIFE, World } from './world';
import { xfetch } from './xfetch';

const STRATEGIES: readonly Strategy[] = [plainCache, xfetch, dynamodbLock, engineAlone, engineWithTick];

/** The number of rollovers of each strategy in each pattern. */
const LIVES = 3;

const METHOD = `
${CROWD.toLocaleString('en')} environments call once each while a token of ${LIFE} s is due for replacement. They have just started, so they have nothing in memory. They use
DynamoDB Local and a stand-in for Fiskil that takes ${FISKIL_LATENCY} ms. The crowd calls when the strategy's own rule replaces the token: at expiry (plain cache; XFetch,
Vattani et al., PVLDB 2015), 60 s before it (lock), at a fifth left (this engine without its tick), at the first tick with under a third left (this
engine). All calls, reads, writes and waits are real. The clock skips only the quiet time between two crowds; every strategy gets it as an argument. The
strategies take turns, ${LIVES} lives each. The other strategies are in \`bench/stampede\`.

*Mints* and table operations are those of one life, from one crowd to the next. *Waited*: callers that waited for a mint, their own or another's.
*Wait*: the time that a caller waited, over all ${CROWD.toLocaleString('en')} callers (0 for those that did not wait). *Call p99*: the whole call; on one machine most of it is
the queue for the processor. *Refused*: writes whose condition failed; they cost as much as others. *Under 5 s*: callers that got a token with less than
5 s of life. *Used*: how long a token served before its replacement; a shorter time costs more mints a day.

In a burst, all callers read at the same instant. Without the tick, all find the token due and none finds a lease. So each loser pays for one refused
write, and answers with the token that it has. With the tick, all find a new token that nobody has had yet, and mark it as vended: as many writes, none
refused. After an hour without calls there is no token, with or without the tick. One caller mints and all wait. They wait longer than callers that all
mint for themselves, because they pause before they read again. The second mint of this engine there is its tick's. Nobody asked for that token; the tick
makes one of these and no more.`.trim();

const HEAD = [
  '',
  'mints',
  'waited',
  'wait p50',
  'wait p99',
  'call p99',
  'writes',
  'refused',
  'reads',
  'under 5 s',
  'used',
];

export async function run(): Promise<void> {
  const dynamodb = await startDynamoDbLocal();
  try {
    const parts: string[] = [METHOD];
    for (const [index, pattern] of PATTERNS.entries()) {
      parts.push(`**${pattern.name}** (times in ms)`, await measure(dynamodb.endpoint, `tokens-${index}`, pattern));
    }
    publish({
      name: 'stampede',
      heading: 'Stampede',
      parts,
      packages: ['@aws-sdk/client-dynamodb'],
    });
  } finally {
    await dynamodb.stop();
  }
}

async function measure(endpoint: string, tables: string, pattern: Pattern): Promise<string> {
  const runs = await Promise.all(
    STRATEGIES.map(async (strategy, index) => {
      const world = await World.create(endpoint, `${tables}-${index}`);
      const tick = strategy.ticker?.(world.doors(() => undefined)) ?? (async () => undefined);
      return { strategy, world, tick, rollovers: [] as Rollover[] };
    }),
  );
  for (const { world, strategy } of runs) {
    await warmUp(world, strategy);
    world.resetCounts();
  }
  for (let life = 0; life < LIVES; life++) {
    for (const { world, strategy, tick, rollovers } of runs) {
      rollovers.push(await rollOver(world, strategy, pattern, tick));
    }
  }
  return table(
    HEAD,
    runs.map(({ strategy, world, rollovers }) => row(strategy, world.counts, rollovers)),
  );
}

function row({ name }: Strategy, counts: Counts, rollovers: readonly Rollover[]): string[] {
  const calls = rollovers.flatMap(({ answers }) => answers);
  const waits = calls.map(({ wait }) => wait);
  const aLife = (count: number) => count / LIVES;
  const waited = (call: Call) => call.wait > 0;
  return [
    name,
    aLife(counts.mints).toFixed(2),
    aLife(calls.filter(waited).length).toFixed(1),
    percentile(waits, 0.5).toFixed(0),
    percentile(waits, 0.99).toFixed(0),
    percentile(
      calls.map(({ duration }) => duration),
      0.99,
    ).toFixed(0),
    ...[counts.writes, counts.refused, counts.reads].map((count) => aLife(count).toFixed(0)),
    aLife(calls.filter(isShort).length).toFixed(0),
    `${aLife(sum(rollovers.map(({ usedSeconds }) => usedSeconds))).toFixed(0)} s`,
  ];
}
