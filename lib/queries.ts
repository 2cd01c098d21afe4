/** CloudWatch Logs Insights queries, for the dashboard and for docs/operations.md. A test compares the two. Each query is for the vending function's log,
 * except the last one.
 */
export const QUERIES = {
  /** Who used one credential, in the time range of the console. */
  whoUsed: (credential: string) => `filter message = "audit" and credential = "${credential}"
| stats count(*) as calls, max(@timestamp) as last by caller_role, caller_account, outcome
| sort calls desc`,
  vendsByCaller: `filter message = "audit" and outcome = "vended"
| stats count(*) as vends, max(@timestamp) as last by credential, caller_role
| sort vends desc`,
  whyMintsFailed: `filter message in ["mint_failed", "tick_failed"]
| stats count(*) as failures, max(@timestamp) as last by credential, code, reason
| sort failures desc`,
  /** Where tokens came from and how many seconds they had left, who rejects, and which credential's callers get no token. */
  answers: `filter message = "audit"
| stats count(*) as answers, min(expires_in) as least_life, max(@timestamp) as last by credential, action, outcome, source, code, behind_failure
| sort answers desc`,
  /** Milliseconds of mints (`minted`) and of calls that waited for one (`waited`). */
  mintTimes: `filter message in ["minted", "waited"]
| stats count(*) as times, avg(durationMs) as mean, max(durationMs) as longest, max(@timestamp) as last by credential, message
| sort times desc`,
  /** Seconds since each secret was last changed, as the last tick saw it. */
  ages: `filter SecretAge > 0
| stats latest(SecretAge) as age by credential
| sort age desc`,
  lastMints: `filter message = "minted"
| fields @timestamp, credential, cause, durationMs, secretVersion
| sort @timestamp desc
| limit 10`,
  lastRotationSteps: `filter message = "rotation"
| fields @timestamp, secret, step, outcome, detail
| sort @timestamp desc
| limit 10`,
} as const;
