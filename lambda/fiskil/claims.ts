/** The claims of a token. Fiskil does not document them, so each may be missing. */
export interface Claims {
  /** The Fiskil team. */
  readonly orgId?: string;
  /** The key of the Fiskil Console. */
  readonly keyId?: string;
  readonly scopes?: readonly string[];
}

/** The claims of a JWT; nothing for another token. The code does not verify the token, because Fiskil has just issued it to us. */
export function claimsOf(token: string): Claims {
  const { org_id: orgId, key_id: keyId, scope } = payloadOf(token);
  const scopes = typeof scope === 'string' ? scope.split(' ').filter((name) => name !== '') : scope;
  return {
    ...(isText(orgId) && { orgId }),
    ...(isText(keyId) && { keyId }),
    ...(Array.isArray(scopes) && scopes.every(isText) && { scopes }),
  };
}

function payloadOf(token: string): Readonly<Record<string, unknown>> {
  const [, payload = '', signature] = token.split('.');
  if (signature === undefined) {
    return {};
  }
  try {
    return JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')) ?? {};
  } catch {
    return {};
  }
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}
