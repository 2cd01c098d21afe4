import { randomBytes, randomUUID } from 'node:crypto';
import type { Conditions } from './stand-in-conditions';

export interface IssuedToken {
  readonly token: string;
  readonly clientId: string;
  readonly orgId: string;
  /** Epoch milliseconds. */
  readonly issuedAt: number;
  /** Epoch milliseconds. */
  readonly expiresAt: number;
}

/** The tokens that the stand-in has issued, and which of them it still accepts. */
export class TokenBook {
  readonly issued: IssuedToken[] = [];
  private readonly revoked = new Set<string>();

  constructor(
    private readonly conditions: () => Conditions,
    private readonly now: () => number,
  ) {}

  /** @param orgId the team of the pair */
  issue(clientId: string, orgId: string): IssuedToken {
    const { expiresIn } = this.conditions();
    const issuedAt = this.now();
    const iat = Math.floor(issuedAt / 1_000);
    // The same claims as in real tokens (seen in 2026). None of them says sandbox or production.
    const token = jwt({
      org_id: orgId,
      key_id: clientId,
      scope: 'api:banking api:user.read api:user.write',
      iat,
      exp: iat + expiresIn,
      jti: randomUUID(),
    });
    const issued = { token, clientId, orgId, issuedAt, expiresAt: issuedAt + expiresIn * 1_000 };
    this.issued.push(issued);
    return issued;
  }

  live(token: string): IssuedToken | undefined {
    const { mode, revokeAfterMs = Number.POSITIVE_INFINITY } = this.conditions();
    const found = this.issued.find((issued) => issued.token === token);
    if (!found || this.revoked.has(token)) {
      return undefined;
    }
    if (this.now() >= Math.min(found.expiresAt, found.issuedAt + revokeAfterMs)) {
      return undefined;
    }
    const newest = this.issued.findLast((issued) => issued.clientId === found.clientId);
    return mode === 'newest-only' && newest !== found ? undefined : found;
  }

  revoke(token: string): void {
    this.revoked.add(token);
  }

  revokeAll(): void {
    for (const { token } of this.issued) {
      this.revoked.add(token);
    }
  }
}

/** Looks like the live tokens. The signature is random: only the issuer would check it. */
function jwt(claims: object): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${part({ alg: 'RS256', typ: 'JWT' })}.${part(claims)}.${randomBytes(256).toString('base64url')}`;
}
