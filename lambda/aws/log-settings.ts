/**
 * Takes away what would change from outside what the functions log and measure: with `AWS_LAMBDA_LOG_LEVEL` at WARN, which the
 * console's page on logging sets, a vend would leave no audit line, and nothing would tell. Powertools has more of the kind
 * (`POWERTOOLS_METRICS_DISABLED`, `POWERTOOLS_DEV`). To be called before a logger is made.
 */
export function dropLogSettings(variables: Record<string, string | undefined>): void {
  for (const name of Object.keys(variables)) {
    if (/^(AWS_LAMBDA_LOG_LEVEL|LOG_LEVEL|POWERTOOLS_.*)$/.test(name)) {
      delete variables[name];
    }
  }
}
