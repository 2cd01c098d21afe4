import { randomBytes, randomUUID } from 'node:crypto';

/** `newest-only`: a mint ends the earlier tokens of its pair. */
export type StandInMode = 'many-live' | 'newest-only';

export interface IssuedToken {
  readonly token: string;
  readonly clientId: string;
  /** Epoch milliseconds. */
  readonly issuedAt: number;
  /** Epoch milliseconds. */
  readonly expiresAt: number;
}

/** The tokens that the stand-in has issued, and which of them it still takes. */
export class TokenBook {
  readonly issued: IssuedToken[] = [];
  private readonly revoked = new Set<string>();

  constructor(
    private readonly mode: StandInMode,
    private readonly now: () => number,
  ) {}

  /** @param expiresIn seconds */
  issue(clientId: string, expiresIn: number): IssuedToken {
    const issuedAt = this.now();
    const token = jwt({
      org_id: 'org_local',
      key_id: clientId,
      scope: 'end_users:read institutions:read',
      iat: Math.floor(issuedAt / 1000),
      exp: Math.floor(issuedAt / 1000) + expiresIn,
      jti: randomUUID(),
    });
    const issued = { token, clientId, issuedAt, expiresAt: issuedAt + expiresIn * 1000 };
    this.issued.push(issued);
    return issued;
  }

  live(token: string): IssuedToken | undefined {
    const found = this.issued.find((issued) => issued.token === token);
    if (!found || this.revoked.has(token) || found.expiresAt <= this.now()) return undefined;
    const newest = this.issued.findLast((issued) => issued.clientId === found.clientId);
    return this.mode === 'newest-only' && newest !== found ? undefined : found;
  }

  revoke(token: string): void {
    this.revoked.add(token);
  }
}

/** Looks like the live tokens; the signature is noise, since only the issuer looks at it. */
function jwt(claims: object): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${part({ alg: 'RS256', typ: 'JWT' })}.${part(claims)}.${randomBytes(256).toString('base64url')}`;
}
