import { claimsOf } from '../fiskil/claims';
import { isLoggable } from '../fiskil/loggable';
import { checkTeam, type TeamCheck } from '../fiskil/team';
import { parsePair, parseSecret } from '../secret/parse-pair';
import { MINT_BUDGET } from '../vending/budgets';
import { VendingError, WrongTeam } from '../vending/errors';
import type { Minter, Pair } from '../vending/types';
import { RotationAbandoned, RotationFailure, ValueNotShown } from './failure';
import { isSamePair, isStillStaged, livePair, promotedText } from './staged-pair';

/** What Secrets Manager asks for: one step, for the version that is to become current. */
export interface RotationRequest {
  readonly step: Step;
  /** The secret's ARN. */
  readonly secretId: string;
  /** The id of the pending version. */
  readonly version: string;
}

export type Step = 'createSecret' | 'setSecret' | 'testSecret' | 'finishSecret';

/** The versions of a secret. */
export interface SecretVersions {
  describe(secretId: string): Promise<SecretDescription>;
  /** A version's value; undefined where Secrets Manager shows none, or none yet. */
  read(secretId: string, version: string): Promise<SecretValue | undefined>;
  /** Gives the pending version its value. Does not change a version that has a value. */
  fill(secretId: string, version: string, text: string): Promise<void>;
  /** Moves AWSCURRENT. Throws `RotationAbandoned` if it is on neither of the two. */
  promote(secretId: string, version: string, from: string): Promise<void>;
  /** Removes AWSPENDING from a version; does nothing if the label is not there. */
  giveUp(secretId: string, version: string): Promise<void>;
}

export interface SecretValue {
  /** Absent where the value is binary. */
  readonly text?: string;
}

export interface SecretDescription {
  readonly name: string;
  readonly isRotationEnabled: boolean;
  /** Version id → its labels. */
  readonly labels: Readonly<Record<string, readonly string[]>>;
}

export interface RotationDependencies {
  readonly versions: SecretVersions;
  readonly minter: Minter;
}

/** What a step did: for the log. */
export interface StepReport {
  readonly secretName: string;
  readonly done: string;
  /** The scopes that the test token names, if it names any. */
  readonly scopes?: readonly string[];
}

/** Does one of Secrets Manager's four steps. Each step can be repeated, and killed half way, in any order, because a version becomes current only in
 * `finishSecret`, right after a test of its pair. Throws `RotationFailure`.
 */
export async function rotate(dependencies: RotationDependencies, request: RotationRequest): Promise<StepReport> {
  const { versions } = dependencies;
  const { secretId, version } = request;
  const secret = await versions.describe(secretId);
  const labels = secret.labels[version] ?? [];
  if (!secret.isRotationEnabled) {
    throw new RotationFailure(
      'Rotation is switched off for this secret: deploy the stack with fiskil:rotation.',
      'passing',
    );
  }
  if (labels.includes('AWSCURRENT')) {
    return { secretName: secret.name, done: 'nothing: the version is current already' };
  }
  if (!labels.includes('AWSPENDING')) {
    throw new RotationAbandoned();
  }
  const current = Object.keys(secret.labels).find((id) => secret.labels[id]?.includes('AWSCURRENT'));
  try {
    const found: Versions = {
      pending: await versions.read(secretId, version),
      current,
      currentText: current === undefined ? '' : await currentText(versions, secretId, current),
    };
    return { secretName: secret.name, ...(await STEPS[request.step](dependencies, request, found)) };
  } catch (error) {
    const failure = asFailure(error);
    if (failure.kind === 'definitive') {
      // The reason of the failed step matters more than a label that could not be removed.
      await versions.giveUp(secretId, version).catch(() => undefined);
    }
    throw failure;
  }
}

/** The text of AWSCURRENT; undefined if it is binary. A version with this label has a value, even if a read does not show it yet. */
async function currentText(versions: SecretVersions, secretId: string, current: string): Promise<string | undefined> {
  const value = await versions.read(secretId, current);
  if (value === undefined) {
    throw new ValueNotShown();
  }
  return value.text;
}

/** The pending and the current version, as a step finds them. */
interface Versions {
  readonly pending: SecretValue | undefined;
  /** The id of the current version. */
  readonly current: string | undefined;
  /** Undefined if it is binary; empty if there is no current version, because the secret never got a value. */
  readonly currentText: string | undefined;
}

type Do = (
  dependencies: RotationDependencies,
  request: RotationRequest,
  found: Versions,
) => Promise<Omit<StepReport, 'secretName'>>;

const STEPS: Readonly<Record<Step, Do>> = {
  async createSecret({ versions }, { secretId, version }, { pending, currentText }) {
    if (pending === undefined) {
      await versions.fill(secretId, version, promotedText(currentText));
      return { done: 'the staged pair is the pending version' };
    }
    if (!isStillStaged(pending.text, currentText)) {
      throw new RotationAbandoned();
    }
    return { done: 'nothing: the staged pair is the pending version already' };
  },

  async setSecret() {
    return { done: 'nothing: the Fiskil Console made the pair, there is nothing to set there' };
  },

  async testSecret({ minter }, _request, { pending, currentText }) {
    // When a deploy switches rotation on, Secrets Manager runs this step alone, on a version without a value or with a
    // copy of the current one. A deploy must not fail because nobody has set up the secret yet, or somebody set it up wrongly.
    if (pending === undefined || pending.text === currentText || isEmpty(pending.text)) {
      return { done: 'nothing: the pending version holds no new pair' };
    }
    const pair = parsePair(pending.text);
    if (isSamePair(pair, livePair(currentText))) {
      return { done: 'nothing: the pending pair is the live one' };
    }
    const { team, ...tested } = await mintOnce(minter, pair);
    return { done: `Fiskil accepts the pending pair${team}`, ...tested };
  },

  async finishSecret({ versions, minter }, { secretId, version }, { pending, current, currentText }) {
    // `createSecret` gave it a value, but Secrets Manager does not promise that the next read shows it.
    if (pending === undefined) {
      throw new ValueNotShown();
    }
    // Promotes only a pair that is still staged now. An edit after `createSecret` takes precedence. Secrets Manager may remove AWSPENDING
    // after such an edit; it does not document this.
    if (current === undefined || !isStillStaged(pending.text, currentText)) {
      throw new RotationAbandoned();
    }
    const { team, ...tested } = await mintOnce(minter, parsePair(pending.text));
    await versions.promote(secretId, version, current);
    return { done: `the pending version is current; the next tick mints with it${team}`, ...tested };
  },
};

/** Mints, and returns what the log may say about the token. Drops the token itself. */
async function mintOnce(minter: Minter, pair: Pair): Promise<{ team: string; scopes?: readonly string[] }> {
  const { token } = await minter.mint(pair, MINT_BUDGET);
  const team = checkTeam(pair, token);
  const scopes = namesOf(claimsOf(token).scopes ?? [], pair);
  return { team: TOLD[team], ...(scopes.length > 0 && { scopes }) };
}

/** For the end of a line's `detail`. */
const TOLD: Readonly<Record<TeamCheck, string>> = {
  right: ', and its token names the team in the row org_id',
  'not asked': '',
  'not told': '; its token names no team, so the row org_id could not be checked',
};

/** The form of Fiskil's names of scopes (`api:user.read`). */
const SCOPE = /^[A-Za-z0-9_.:-]{1,64}$/;

/** A key has a handful. */
const MOST_SCOPES = 20;

/** The scopes that may be logged. A token can contain any text as a scope. */
function namesOf(scopes: readonly string[], pair: Pair): readonly string[] {
  return scopes.slice(0, MOST_SCOPES).filter((scope) => isLoggable(scope, SCOPE, pair));
}

function isEmpty(text: string | undefined): boolean {
  try {
    const { client_id: id, client_secret: secret } = parseSecret(text);
    return id === '' && secret === '';
  } catch {
    return false;
  }
}

function asFailure(error: unknown): RotationFailure {
  if (error instanceof RotationFailure) {
    return error;
  }
  if (!(error instanceof VendingError)) {
    throw error;
  }
  switch (error.code) {
    case 'credential_not_configured':
      return new RotationFailure(error.detail, 'definitive');
    case 'credentials_rejected':
      return error instanceof WrongTeam
        ? new RotationFailure(
            'The staged pair belongs to another Fiskil team than the row org_id says: make the key in the right team, or correct the row. The live pair is unchanged.',
            'definitive',
          )
        : new RotationFailure(
            'Fiskil refused the staged pair: check that the two values are not swapped and that the key still exists. The live pair is unchanged.',
            'definitive',
            error.said,
          );
    default:
      return new RotationFailure(
        `The staged pair could not be tested (${error.code}, ${error.reason ?? 'no reason given'}). The live pair is unchanged; press "Rotate secret immediately" again.`,
        'passing',
        error.said,
      );
  }
}
