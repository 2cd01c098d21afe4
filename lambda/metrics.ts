/** The codes of failed mints that have their own alarm. The log has every code. AWS charges for each name of a metric. */
export const ALARMED_FAILURES = ['credentials_rejected', 'credential_not_configured', 'secret_unavailable'] as const;

export type AlarmedFailure = (typeof ALARMED_FAILURES)[number];

/** The names of the metrics. `lambda` writes them, and `lib` uses them in alarms and graphs. Each has one dimension, `service`, the function's name,
 * so that two stacks of an account have separate metrics. The log line of a metric also has the field `credential`. A metric for each credential
 * would multiply the price.
 */
export const METRICS = {
  namespace: 'FiskilTokenVending',
  /** 1 for each answer with a token. */
  vend: 'Vend',
  /** 1 for each answer without a token that was not the caller's fault. */
  unserved: 'Unserved',
  /** 1 for each token that Fiskil issued and the function stored: in the table, or only in memory if the table cannot be reached. */
  mint: 'Mint',
  /** 1 for each mint or tick that failed. */
  mintFailure: 'MintFailure',
  /** 1 for each mint or tick that failed with this code. */
  failure: (code: AlarmedFailure) => `MintFailure.${code}`,
  /** 1 each time that an environment begins to work without the table. */
  tableUnreachable: 'TableUnreachable',
  /** 1 for each tick and credential: the sign of life. */
  tick: 'Tick',
  /** Seconds since AWSCURRENT was made, for each credential at each tick. */
  secretAge: 'SecretAge',
} as const;
