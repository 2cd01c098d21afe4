import type { RotationFailure } from '../../lambda/rotation/failure';
import { createRotation, type RotationLine } from '../../lambda/rotation/function';
import type { SecretVersions, Step } from '../../lambda/rotation/steps';
import { mintFailure, type VendingError } from '../../lambda/vending/errors';
import type { MintedToken, Minter, Pair } from '../../lambda/vending/types';
import { CANARIES, tracesOf } from '../support/canaries';
import { SecretModel } from './secrets-manager-model';

/** In every id and in what else is not ours: must turn up in no message and no line. */
export const CANARY = 'canary';

export const LIVE: Pair = { clientId: `${CANARY}-live-id`, clientSecret: [...CANARIES.secret].reverse().join('') };
export const NEXT: Pair = { clientId: `${CANARY}-next-id`, clientSecret: CANARIES.secret };
export const REFUSED: Pair = { clientId: `${CANARY}-refused-id`, clientSecret: CANARIES.secret };

/** What stands in a text, in whole or in part, of the secrets, of the event's token and of Fiskil's. */
export function leaks(text: string): string[] {
  const word = text.includes(CANARY) ? [CANARY] : [];
  return word.concat(
    [LIVE.clientSecret, NEXT.clientSecret, CANARIES.token].flatMap((canary) => tracesOf(canary, text)),
  );
}

export const STEPS: readonly Step[] = ['createSecret', 'setSecret', 'testSecret', 'finishSecret'];

const rows = ({ clientId, clientSecret }: Pair) => ({ client_id: clientId, client_secret: clientSecret });

/** A secret's text: the live pair, a staged one beside it, other rows. */
export function secretText(live: Pair, staged?: Pair, others: Record<string, unknown> = {}): string {
  const next = staged && { next_client_id: staged.clientId, next_client_secret: staged.clientSecret };
  return JSON.stringify({ ...rows(live), ...next, ...others });
}

/** A Fiskil that refuses one pair, and gives tokens that are JWTs. */
export class TestFiskil implements Minter {
  readonly asked: Pair[] = [];
  failure: VendingError | undefined;
  /** What its tokens say of themselves; undefined for tokens that are no JWTs. */
  claims: unknown = { scope: 'end_users:read institutions:read' };

  async mint(pair: Pair): Promise<MintedToken> {
    this.asked.push(pair);
    if (this.failure) {
      throw this.failure;
    }
    if (pair.clientId === REFUSED.clientId) {
      throw mintFailure('credentials_rejected', 'HTTP 401');
    }
    const noise = CANARIES.token.replaceAll('.', '');
    const payload = this.claims && Buffer.from(JSON.stringify(this.claims)).toString('base64url');
    return { token: payload ? `${noise}.${payload}.${noise}` : noise, expiresIn: 900 };
  }
}

/** The rotation function over a secret and a Fiskil, and all that it said. */
export class RotationWorld {
  readonly fiskil = new TestFiskil();
  readonly lines: RotationLine[] = [];
  readonly faults: unknown[] = [];

  constructor(readonly secret: SecretModel = new SecretModel(secretText(LIVE, NEXT))) {}

  /** One invocation by Secrets Manager. */
  invoke(step: string, token = 'token', versions: SecretVersions = this.secret): Promise<void> {
    const rotation = createRotation(
      { versions, minter: this.fiskil },
      { rotation: (line) => this.lines.push(line), fault: (error) => this.faults.push(error) },
    );
    return rotation({
      Step: step,
      SecretId: 'arn:aws:secretsmanager:ap-southeast-2:111122223333:secret:fiskil/default-AbC123',
      ClientRequestToken: token,
      RotationToken: CANARIES.token,
    });
  }

  /** One invocation that fails. Answers what it was thrown. */
  async fail(step: string, token = 'token', versions: SecretVersions = this.secret): Promise<RotationFailure> {
    return this.invoke(step, token, versions).then(
      () => {
        throw new Error(`${step} did not fail`);
      },
      (error: RotationFailure) => error,
    );
  }

  /** "Rotate secret immediately", all four steps. */
  async rotate(token = 'token'): Promise<void> {
    this.secret.begin(token);
    for (const step of STEPS) {
      await this.invoke(step, token);
    }
  }
}
