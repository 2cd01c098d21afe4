/** The codes of failed mints that have an alarm of their own. The log has every code; a metric is paid for by its name. */
export const ALARMED_FAILURES = ['credentials_rejected', 'credential_not_configured', 'secret_unavailable'] as const;

export type AlarmedFailure = (typeof ALARMED_FAILURES)[number];

/**
 * Names of the metrics: like the environment's variables, shared by `lambda`, which measures, and `lib`, which shows and alarms.
 * Each has one dimension, `service`, the function's name, so that two stacks of an account are told apart. Which credential it was stands
 * beside it in the log line, as the field `credential`: a metric for each credential would be paid for once for each.
 */
export const METRICS = {
  namespace: 'FiskilTokenVending',
  /** 1 for each answer with a token. */
  vend: 'Vend',
  /** 1 for each answer without a token that was not the caller's fault: it came away with nothing. */
  unserved: 'Unserved',
  /** 1 for each token that Fiskil issued and the table took, or memory alone while the table is out of reach. */
  mint: 'Mint',
  /** 1 for each mint or tick that failed. */
  mintFailure: 'MintFailure',
  /** The same, with this code. */
  failure: (code: AlarmedFailure) => `MintFailure.${code}`,
  /** 1 each time that an environment begins to do without the table. */
  tableUnreachable: 'TableUnreachable',
  /** 1 for each tick and credential: the sign of life. */
  tick: 'Tick',
  /** Seconds since AWSCURRENT was made, for each credential at each tick. */
  secretAge: 'SecretAge',
} as const;
