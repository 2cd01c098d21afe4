/**
 * The function's environment variables: the one thing that `lib` (which sets them) and `lambda` (which reads them) share.
 * None of them is a secret.
 */
export const ENVIRONMENT = {
  /** The table that holds one record for each credential. */
  tableName: 'TABLE_NAME',
  /** JSON: credential name → id of its secret (a name or a complete ARN), as Secrets Manager's `SecretId` takes it. */
  secretIds: 'SECRET_IDS',
  /** Where a token is minted: an https URL, or http on loopback. */
  tokenUrl: 'TOKEN_URL',
} as const;
