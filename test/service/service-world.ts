import type { APIGatewayProxyResult } from 'aws-lambda';
import type { AuditLine } from '../../lambda/api/audit';
import type { RecordStore } from '../../lambda/record/types';
import { createService, type Service, type Telemetry } from '../../lambda/service';
import type { Fact } from '../../lambda/vending/types';
import { World } from '../vending/world';

/** What the service told, in order. */
export class RecordingTelemetry implements Telemetry {
  readonly lines: { readonly line: AuditLine }[] = [];
  readonly facts: Fact[] = [];
  readonly faults: unknown[] = [];
  /** What each fact and fault was told of: `minted r-1`. */
  readonly requests: string[] = [];
  flushes = 0;

  audit(line: AuditLine): void {
    this.lines.push({ line });
  }

  observe(fact: Fact, requestId?: string): void {
    this.facts.push(fact);
    this.requests.push(`${fact.kind} ${requestId}`);
  }

  fault(error: unknown, requestId?: string): void {
    this.faults.push(error);
    this.requests.push(`fault ${requestId}`);
  }

  flush(): void {
    this.flushes += 1;
  }
}

/** The engine's world with the service in front of it: the credentials `default` and `sandbox`, and a recorded telemetry. */
export class ServiceWorld extends World {
  readonly telemetry = new RecordingTelemetry();
  readonly service: Service;
  private mintIds = 0;

  constructor(store?: RecordStore) {
    super();
    this.service = createService({
      store: store ?? this.table,
      secrets: this.secrets,
      minter: this.minter,
      clock: this.clock,
      chance: { number: () => 0, id: () => `mint-${++this.mintIds}` },
      credentials: ['default', 'sandbox'],
      telemetry: this.telemetry,
    });
  }

  /** Runs one invocation to its end, moving time as it needs. */
  async invoke(
    event: unknown,
  ): Promise<{ status?: number; headers?: APIGatewayProxyResult['headers']; body?: Record<string, unknown> }> {
    const answer = await this.clock.run(this.service(event));
    return answer ? { status: answer.statusCode, headers: answer.headers, body: JSON.parse(answer.body) } : {};
  }
}
