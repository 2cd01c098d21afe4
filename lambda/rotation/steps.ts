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
  /** Gives the pending version its value. A version that has one already is left as it is. */
  fill(secretId: string, version: string, text: string): Promise<void>;
  /** Moves AWSCURRENT. Throws `RotationAbandoned` if it is on neither of the two. */
  promote(secretId: string, version: string, from: string): Promise<void>;
  /** Takes AWSPENDING off a version; does nothing if it is not there. */
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
  /** The names of the scopes of the token that the pair was tested with, where it tells. */
  readonly scopes?: readonly string[];
}

/**
 * Does one of Secrets Manager's four steps. Each can be repeated, and killed half way, in any order: a version becomes
 * current only in `finishSecret`, right after its own pair has been tested there. Throws `RotationFailure`.
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
      // Why the step failed matters more than that the label could not be taken off as well.
      await versions.giveUp(secretId, version).catch(() => undefined);
    }
    throw failure;
  }
}

/** The text of AWSCURRENT; undefined where it is binary. A version that has the label has a value, shown or not. */
async function currentText(versions: SecretVersions, secretId: string, current: string): Promise<string | undefined> {
  const value = await versions.read(secretId, current);
  if (value === undefined) {
    throw new ValueNotShown();
  }
  return value.text;
}

/** What a step finds of the two versions that matter. */
interface Versions {
  readonly pending: SecretValue | undefined;
  /** The id of the current version. */
  readonly current: string | undefined;
  /** Undefined where it is binary; empty where there is no current version: a secret that was never given a value has none. */
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
    // copy of the current one. A secret that nobody has set up yet, or not rightly, must not fail the deploy.
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
    // `createSecret` gave it one: Secrets Manager does not promise that the next read sees what was written.
    if (pending === undefined) {
      throw new ValueNotShown();
    }
    // What is promoted is what stands staged at this moment. An edit since `createSecret` wins, whether or not Secrets
    // Manager took AWSPENDING away for it, which it does not document.
    if (current === undefined || !isStillStaged(pending.text, currentText)) {
      throw new RotationAbandoned();
    }
    const { team, ...tested } = await mintOnce(minter, parsePair(pending.text));
    await versions.promote(secretId, version, current);
    return { done: `the pending version is current; the next tick mints with it${team}`, ...tested };
  },
};

/** Mints, and says of the token what may be said. The token itself is dropped. */
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

/** Names of scopes as Fiskil has them (`api:user.read`). */
const SCOPE = /^[A-Za-z0-9_.:-]{1,64}$/;

/** A key has a handful. */
const MOST_SCOPES = 20;

/** Those that may be logged: a token says whatever it was made to say. */
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
