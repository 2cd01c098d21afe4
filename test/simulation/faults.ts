import type { Random } from './random';
import type { Scheduler } from './scheduler';

/** Everything that can go wrong, and how often it does while a spell of it lasts. */
export const FAULTS = {
  // DynamoDB, at each request.
  store_slow: [0.2, 1],
  store_throttled: [0.1, 0.5, 1],
  store_unreachable: [0.1, 0.5, 1],
  /** The write took effect and nobody was told. */
  store_answer_lost: [0.1, 0.5, 1],
  /** The first answer was lost, the SDK sends the same write again, and that one's answer arrives. */
  store_repeated: [0.3, 1],
  /** The write takes effect long after the environment gave up on it. */
  store_late: [0.2, 0.7],
  /** After the answer, a lost copy of the same write arrives once more. */
  store_echo: [0.3, 1],
  ttl_deletion: [0.2, 1],
  // Secrets Manager.
  secret_slow: [0.3, 1],
  secret_unavailable: [0.3, 1],
  // Fiskil.
  fiskil_slow: [0.3, 1],
  fiskil_5xx: [0.3, 1],
  fiskil_throttles: [0.3, 1],
  fiskil_refuses: [0.5, 1],
  fiskil_bad_answer: [0.3, 1],
  fiskil_answer_lost: [0.3, 1],
  fiskil_unreachable: [0.3, 1],
  /** Hands out the same string again, while more than half of its life is left. */
  fiskil_same_string: [1],
  // Environments, at each thing that happens to them.
  crash: [0.01, 0.05],
  freeze: [0.01, 0.05],
  // Callers, at each token that they use: Fiskil answers 401 for something else, and they reject a token that works.
  rejected_in_use: [0.1, 0.5],
  // At chosen instants.
  tick_missed: [0.5, 1],
  revoked: [1],
  rejected_alive: [1],
  /** A record as another release or somebody's hand leaves it. */
  odd_record: [1],
  rotated: [1],
  staged: [1],
  bad_paste: [1],
  wrong_pair: [1],
} as const satisfies Record<string, readonly number[]>;

export type Fault = keyof typeof FAULTS;

export const EVERY_FAULT = Object.keys(FAULTS) as Fault[];

/** A span of true time in which something goes wrong. */
export interface Spell {
  readonly fault: Fault;
  readonly from: number;
  readonly to: number;
  readonly probability: number;
}

/** Says what goes wrong now, and counts it. */
export class Faults {
  private readonly spells = new Map<Fault, Spell[]>();

  constructor(
    private readonly scheduler: Scheduler,
    private readonly random: Random,
    spells: readonly Spell[],
    private readonly count: (fault: Fault) => void,
  ) {
    for (const spell of spells) {
      this.spells.set(spell.fault, [...(this.spells.get(spell.fault) ?? []), spell]);
    }
  }

  /** Whether this fault happens to what is happening now. */
  strikes(fault: Fault): boolean {
    const { now } = this.scheduler;
    const spell = this.spells.get(fault)?.find(({ from, to }) => from <= now && now < to);
    const struck = spell !== undefined && this.random.chance(spell.probability);
    if (struck) {
      this.count(fault);
    }
    return struck;
  }

  /** The one of several faults that happens now, if any does. */
  oneOf<F extends Fault>(faults: readonly F[]): F | undefined {
    return this.spells.size > 0 ? faults.find((fault) => this.strikes(fault)) : undefined;
  }

  /** The instants at which the faults of chosen instants happen. */
  instantsOf(fault: Fault): number[] {
    return (this.spells.get(fault) ?? []).map(({ from }) => from);
  }
}
