import type { AuditLine } from '../lambda/api/audit';
import type { Telemetry } from '../lambda/service';
import type { Fact } from '../lambda/vending/types';

/** Prints one line for each event, for a person at a terminal. */
export class TerminalTelemetry implements Telemetry {
  /** @param now epoch milliseconds */
  constructor(
    private readonly print: (line: string) => void,
    private readonly now: () => number,
  ) {}

  audit(line: AuditLine): void {
    const call = `${line.action} ${line.credential ?? ''}`.trim();
    const outcome =
      line.outcome === 'vended'
        ? `from ${line.source}, ${line.expires_in} s left, sha256 ${line.token_sha256_prefix}…`
        : `${line.code}`;
    this.say(`${call}: ${line.status} ${outcome} (request ${line.request_id})`);
  }

  observe(fact: Fact): void {
    const { kind, credential } = fact;
    const what = `${kind.replaceAll('_', ' ')}, ${credential}`;
    if (fact.kind === 'minted') {
      this.say(
        `${what}: for a ${fact.cause}, in ${Math.round(fact.durationMs)} ms, sha256 ${fact.tokenSha256.slice(0, 16)}…`,
      );
    } else if ('code' in fact) {
      this.say(`${what}: ${fact.code}${fact.reason === undefined ? '' : ` (${fact.reason})`}`);
    } else if (fact.kind !== 'waited' && fact.kind !== 'ticked') {
      this.say(what);
    }
  }

  /** A refusal by the front itself, before the function. */
  refused(code: string, requestId: string): void {
    this.say(`refused: ${code} (request ${requestId})`);
  }

  fault(error: unknown): void {
    this.say(`fault: ${error instanceof Error ? error.name : typeof error}`);
  }

  flush(): void {}

  private say(text: string): void {
    this.print(`${new Date(this.now()).toISOString().slice(11, 19)} ${text}\n`);
  }
}
