/**
 * Names of the metrics that alarms look at: like the environment's variables, shared by `lib` and `lambda`.
 * The dimensions of each are `service`, the function's name, so that two stacks of an account are told apart, and `credential`.
 */
export const METRICS = {
  namespace: 'FiskilTokenVending',
  /** 1 for each tick and credential: the sign of life. */
  tick: 'Tick',
  /** Seconds since AWSCURRENT was made, at each tick. */
  secretAge: 'SecretAge',
  /** 1 for each mint or tick that failed, with this code. */
  failure: (code: string) => `MintFailure.${code}`,
} as const;
