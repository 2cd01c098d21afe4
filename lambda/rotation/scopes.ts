/** The names of a token's scopes, if it is a JWT that has them. The token is not verified: Fiskil has just issued it to us. */
export function scopesOf(token: string): readonly string[] | undefined {
  const [, payload, signature] = token.split('.');
  if (payload === undefined || signature === undefined) {
    return undefined;
  }
  let claims: unknown;
  try {
    claims = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8'));
  } catch {
    return undefined;
  }
  const scope = (claims as { scope?: unknown } | null)?.scope;
  const names = typeof scope === 'string' ? scope.split(' ') : scope;
  return Array.isArray(names) && names.every((name): name is string => typeof name === 'string') ? names : undefined;
}
