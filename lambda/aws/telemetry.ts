import type { Logger } from '@aws-lambda-powertools/logger';
import { type Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import type { AuditLine } from '../api/audit';
import { ALARMED_FAILURES, METRICS } from '../metrics';
import type { RotationTelemetry } from '../rotation/function';
import type { Telemetry } from '../service';
import type { Fact } from '../vending/types';

type Measurement = readonly [name: string, unit: (typeof MetricUnit)[keyof typeof MetricUnit], value: number];

/** Log lines and CloudWatch metrics (EMF), both by Powertools. lambda/metrics.ts has the dimensions. */
export class PowertoolsTelemetry implements Telemetry {
  private readonly measured = new Map<string, Measurement[]>();

  constructor(
    private readonly logger: Logger,
    private readonly metrics: Metrics,
  ) {}

  audit(line: AuditLine): void {
    this.logger.info('audit', { ...line });
    if (line.credential === undefined) {
      return;
    }
    if (line.outcome === 'vended') {
      this.count(line.credential, METRICS.vend);
    } else if (line.status >= 500) {
      this.count(line.credential, METRICS.unserved);
    }
  }

  observe(fact: Fact, requestId?: string): void {
    const { kind, ...told } = fact;
    const fields = { ...told, request_id: requestId };
    switch (fact.kind) {
      case 'minted':
        this.logger.info(kind, { ...fields, tokenSha256: fact.tokenSha256.slice(0, 16) });
        this.count(fact.credential, METRICS.mint);
        break;
      case 'mint_failed':
      case 'tick_failed': {
        this.logger.error(kind, { ...fields, thrown: undefined, at: placesOf(fact.thrown) });
        const alarmed = ALARMED_FAILURES.find((code) => code === fact.code);
        this.count(fact.credential, METRICS.mintFailure, ...(alarmed ? [METRICS.failure(alarmed)] : []));
        break;
      }
      case 'ticked':
        this.count(fact.credential, METRICS.tick);
        if (fact.secretAgeMs !== undefined) {
          this.measure(fact.credential, [METRICS.secretAge, MetricUnit.Seconds, Math.floor(fact.secretAgeMs / 1_000)]);
        }
        break;
      case 'lease_not_taken':
        this.logger.info(kind, fields);
        break;
      case 'waited':
        this.logger.info(kind, fields);
        break;
      case 'table_unreachable':
        this.logger.warn(kind, fields);
        this.count(fact.credential, METRICS.tableUnreachable);
        break;
      default:
        this.logger.warn(kind, fields);
    }
  }

  fault(error: unknown, requestId?: string): void {
    logFault(this.logger, error, requestId);
  }

  flush(): void {
    for (const [credential, measurements] of this.measured) {
      // A field of the line, not a dimension.
      this.metrics.addMetadata('credential', credential);
      for (const [name, unit, value] of measurements) {
        this.metrics.addMetric(name, unit, value);
      }
      this.metrics.publishStoredMetrics();
    }
    this.measured.clear();
  }

  private count(credential: string, ...names: string[]): void {
    this.measure(credential, ...names.map((name): Measurement => [name, MetricUnit.Count, 1]));
  }

  private measure(credential: string, ...measurements: Measurement[]): void {
    this.measured.set(credential, [...(this.measured.get(credential) ?? []), ...measurements]);
  }
}

/** The log of the rotation function. */
export function rotationTelemetry(logger: Logger): RotationTelemetry {
  return {
    rotation: (line) => logger[line.outcome === 'done' ? 'info' : 'error']('rotation', { ...line }),
    fault: (error) => logFault(logger, error),
  };
}

/** Logs an error that should not happen: its name and its place. */
function logFault(logger: Logger, error: unknown, requestId?: string): void {
  const { name = typeof error } = (error ?? {}) as Partial<Error>;
  logger.error('fault', { name, at: placesOf(error) ?? [], request_id: requestId });
}

/** Where an error was thrown; undefined if unknown. */
function placesOf(error: unknown): string[] | undefined {
  const { message = '', stack = '' } = (error ?? {}) as Partial<Error>;
  // A stack begins with a name and the message. A message can quote its input, also in lines that look like places. If somebody changed the
  // message later, its end in the stack is unknown.
  const head = `${/^[^:\n]*(?:: )?/.exec(stack)}${message}\n`;
  return stack.startsWith(head)
    ? stack
        .slice(head.length)
        .split('\n')
        .filter((line) => /^\s+at /.test(line))
    : undefined;
}
