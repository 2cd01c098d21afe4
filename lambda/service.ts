import type { APIGatewayProxyResult } from 'aws-lambda';
import { problemAnswer, tokenAnswer } from './api/answer';
import { type AuditLine, type CallerFields, callerFields, tokenFields } from './api/audit';
import { parseRequest, parseRoute } from './api/request';
import type { Dependencies, Observe } from './vending/context';
import { createEngine } from './vending/engine';
import { asVendingError, VendingError } from './vending/errors';
import type { Fact } from './vending/types';

/** Receives what the service did. The request is API Gateway's id of the call that started it; ticks and `table_unreachable` have none. */
export interface Telemetry {
  audit(line: AuditLine): void;
  observe(fact: Fact, requestId?: string): void;
  /** Something that should not happen: the name and the place of an error, never its message. */
  fault(error: unknown, requestId?: string): void;
  /** Called at the end of each invocation. */
  flush(): void;
}

export interface ServiceDependencies extends Omit<Dependencies, 'observe'> {
  /** The names of the configured credentials. */
  readonly credentials: readonly string[];
  readonly telemetry: Telemetry;
}

/** The function without its wiring: takes an API Gateway event, or the scheduled tick. */
export type Service = (event: unknown) => Promise<APIGatewayProxyResult | undefined>;

export function createService({ credentials, telemetry, ...outside }: ServiceDependencies): Service {
  const known = new Set(credentials);
  const observerOf = (requestId?: string): Observe => {
    return (fact) => telemetry.observe(fact, requestId);
  };
  const engine = createEngine({ ...outside, observe: observerOf() });

  async function answer(event: unknown, caller: CallerFields): Promise<APIGatewayProxyResult> {
    let about: Pick<AuditLine, 'action' | 'credential'> = { action: 'unknown' };
    try {
      const route = parseRoute(event, known);
      const { kind: action, credential } = route;
      about = { action, credential };
      const request = parseRequest(event, route);
      // A refresh can outlive the call that began it. A later call then logs it.
      const observe = observerOf(caller.request_id);
      const vended =
        request.kind === 'vend' ? await engine.vend(request, observe) : await engine.reject(request, observe);
      const result = tokenAnswer(credential, vended);
      telemetry.audit({ ...about, outcome: 'vended', ...caller, status: result.statusCode, ...tokenFields(vended) });
      return result;
    } catch (thrown) {
      if (!(thrown instanceof VendingError)) {
        telemetry.fault(thrown, caller.request_id);
      }
      const error = asVendingError(thrown);
      const result = problemAnswer(error);
      telemetry.audit({
        ...about,
        outcome: 'refused',
        ...caller,
        status: result.statusCode,
        code: error.code,
      });
      return result;
    }
  }

  return async (event) => {
    try {
      if (isTick(event)) {
        await engine.tick(credentials);
        return undefined;
      }
      return await answer(event, callerFields(event));
    } finally {
      telemetry.flush();
    }
  };
}

/** EventBridge's scheduled event, as it is sent when a rule names no other input. */
function isTick(event: unknown): boolean {
  const { source } = (event ?? {}) as { source?: unknown };
  return source === 'aws.events';
}
