import { lifeLeft, mintAndPut, readCached } from './plain-cache';
import type { Strategy } from './strategy';

/** Larger favours earlier recomputation; 1 is optimal for independent, exponentially spread decisions (the paper's theorem). */
const BETA = 1;

/**
 * Baseline 2, XFetch: "Optimal Probabilistic Cache Stampede Prevention", Vattani, Chierichetti, Lowenstein, PVLDB 8(8), 2015, figure 3.
 * Each caller draws at random how early it treats the token as expired. The unit is the duration of the last mint.
 */
export const xfetch: Strategy = {
  name: 'XFetch, beta 1',
  turnover: 0,
  async call(doors) {
    const { client, tableName, clock, random } = doors;
    const cached = await readCached(client, tableName);
    const early = -(cached?.took ?? 0) * BETA * Math.log(1 - random());
    return cached && lifeLeft(cached, clock) > early ? cached.token : mintAndPut(doors);
  },
};
