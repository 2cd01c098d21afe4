/**
 * Names of the metrics: like the environment's variables, shared by `lambda`, which measures, and `lib`, which shows and alarms.
 * The dimensions of each are `service`, the function's name, so that two stacks of an account are told apart, and `credential`.
 */
export const METRICS = {
  namespace: 'FiskilTokenVending',
  /** 1 for each answer with a token, by where it came from: `memory`, `table` or `mint`. */
  vend: (source: string) => `VendFrom${source.charAt(0).toUpperCase()}${source.slice(1)}`,
  /** Seconds of life that a vended token has left. */
  lifeAtVend: 'LifeAtVend',
  /** 1 for each answer with a token though the last mint failed: the token will not be replaced until one succeeds. */
  servedWhileFailing: 'ServedWhileFailing',
  /** 1 for each answer without a token, whatever the reason. */
  refused: 'Refused',
  /** 1 for each answer without a token that was not the caller's fault: it came away with nothing. */
  unserved: 'Unserved',
  /** 1 for each caller's word that Fiskil refused a token. */
  rejection: 'Rejection',
  /** 1 for each token that Fiskil issued and the table took, or memory alone while the table is out of reach. */
  mint: 'Mint',
  /** Milliseconds, of a mint that succeeded: the secret, Fiskil and the table. */
  mintLatency: 'MintLatency',
  /** 1 for each mint or tick that failed. */
  mintFailure: 'MintFailure',
  /** The same, with this code. */
  failure: (code: string) => `MintFailure.${code}`,
  /** 1 for each mint whose lease was taken over. */
  mintSuperseded: 'MintSuperseded',
  /** Milliseconds that a caller waited for a mint, its own or another's. */
  mintWait: 'MintWait',
  /** 1 each time that an environment begins to do without the table. */
  tableUnreachable: 'TableUnreachable',
  /** 1 for each tick and credential: the sign of life. */
  tick: 'Tick',
  /** Seconds since AWSCURRENT was made, at each tick. */
  secretAge: 'SecretAge',
} as const;
