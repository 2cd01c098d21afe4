import type { StandIn } from '../../local/fiskil-stand-in';
import { answerJson } from '../support/stand-in-faults';

export interface Gate {
  /** Resolves when Fiskil has been asked. */
  readonly reached: Promise<unknown>;
  /** Lets the answer go. */
  open(): void;
}

/** Holds Fiskil's next answer back. A token in it is one that Fiskil did not issue: whoever vends it is found out. */
export function gate(fiskil: StandIn, answer: object): Gate {
  let send = () => {};
  const reached = new Promise<void>((resolve) => {
    fiskil.answerNext((request, response, body) => {
      send = () => answerJson(answer)(request, response, body);
      resolve();
    });
  });
  return { reached, open: () => send() };
}
