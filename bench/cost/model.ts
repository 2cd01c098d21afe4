/** AWS's list prices of November 2026 in US dollars, for us-east-1, on demand, without the free tier. */
export const PRICES = {
  /** Each of the first 333 million requests a month to a REST API. */
  apiRequest: 3.5 / 1e6,
  lambdaRequest: 0.2 / 1e6,
  /** One GB-second on arm64. */
  lambdaGbSecond: 0.0000133334,
  readUnit: 0.125 / 1e6,
  writeUnit: 0.625 / 1e6,
  secretMonth: 0.4,
  secretCall: 0.05 / 1e4,
  logByte: 0.5 / 1e9,
  metricMonth: 0.3,
  alarmMonth: 0.1,
} as const;

const GB = 0.5;
const MONTH_HOURS = 730;
const TICKS = MONTH_HOURS * 60;

/** The first tick after 600 s replaces a token of 900 s in use. On average that is after 630 s. */
export const MINTS = Math.round((MONTH_HOURS * 3_600) / 630);

/** Seconds billed. Here a vend takes 0.02 ms from memory and 1 ms from the table; Lambda bills whole milliseconds of a third of a processor. */
const VEND_SECONDS = 0.005;
const TICK_SECONDS = 0.03;
/** A tick that mints waits for Fiskil. */
const MINT_SECONDS = 0.6;

/** An item holds about 1.6 KB: acquire, publish and the first vend's mark are two units each. */
const WRITE_UNITS_A_MINT = 6;

/** The measured and counted inputs: bytes, and numbers for one credential. */
export interface Measured {
  readonly vendBytes: number;
  readonly accessLogBytes: number;
  readonly tickBytes: number;
  readonly mintingTickBytes: number;
  readonly metrics: number;
  /** The number of these that still get values while nobody asks for a token. */
  readonly idleMetrics: number;
  readonly alarms: number;
}

/** Dollars a month. */
export interface Cost {
  readonly api: number;
  readonly function: number;
  readonly dynamodb: number;
  readonly secrets: number;
  readonly ticks: number;
  readonly logs: number;
  readonly metrics: number;
}

/** The cost of a month with so many vends and one credential. The credential is in use all the time, or never if there are no vends. */
export function costOf(vends: number, measured: Measured): Cost {
  const [mints, metrics] = vends > 0 ? [MINTS, measured.metrics] : [0, measured.idleMetrics];
  const { apiRequest, lambdaRequest, lambdaGbSecond, readUnit, writeUnit, secretMonth, secretCall } = PRICES;
  const tickSeconds = TICKS * TICK_SECONDS + mints * MINT_SECONDS;
  const tickBytes = (TICKS - mints) * measured.tickBytes + mints * measured.mintingTickBytes;
  return {
    api: vends * apiRequest,
    function: vends * (lambdaRequest + GB * VEND_SECONDS * lambdaGbSecond),
    // This assumes that memory answers no vend.
    dynamodb: vends * readUnit + mints * WRITE_UNITS_A_MINT * writeUnit,
    secrets: secretMonth,
    ticks:
      TICKS * (lambdaRequest + readUnit + secretCall) +
      mints * secretCall +
      GB * tickSeconds * lambdaGbSecond +
      tickBytes * PRICES.logByte,
    logs: vends * (measured.vendBytes + measured.accessLogBytes) * PRICES.logByte,
    metrics: metrics * PRICES.metricMonth + measured.alarms * PRICES.alarmMonth,
  };
}
