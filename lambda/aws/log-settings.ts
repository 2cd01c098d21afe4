/** Removes variables that change what the functions log and measure. The console's page on logging can set `AWS_LAMBDA_LOG_LEVEL` to WARN. Then a vend
 * would write no audit line, and nobody would notice. Powertools has more such variables (`POWERTOOLS_METRICS_DISABLED`, `POWERTOOLS_DEV`). Call this
 * before a logger is made.
 */
export function dropLogSettings(variables: Record<string, string | undefined>): void {
  for (const name of Object.keys(variables)) {
    if (/^(AWS_LAMBDA_LOG_LEVEL|LOG_LEVEL|POWERTOOLS_.*)$/.test(name)) {
      delete variables[name];
    }
  }
}
