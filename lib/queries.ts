/** CloudWatch Logs Insights queries, for the dashboard and for docs/operations.md, which a test compares. */
export const QUERIES = {
  /** Who used one credential; the time range is chosen beside it. */
  whoUsed: (credential: string) => `filter message = "audit" and credential = "${credential}"
| stats count(*) as calls, max(@timestamp) as last by caller_role, caller_account, outcome
| sort calls desc`,
  vendsByCaller: `filter message = "audit" and outcome = "vended"
| stats count(*) as vends, max(@timestamp) as last by credential, caller_role
| sort vends desc`,
  whyMintsFailed: `filter message in ["mint_failed", "tick_failed"]
| stats count(*) as failures, max(@timestamp) as last by credential, code, reason
| sort failures desc`,
  lastMints: `filter message = "minted"
| fields @timestamp, credential, cause, durationMs, secretVersion
| sort @timestamp desc
| limit 10`,
  lastRotationSteps: `filter message = "rotation"
| fields @timestamp, secret, step, outcome, detail
| sort @timestamp desc
| limit 10`,
} as const;
