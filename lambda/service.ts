import type { APIGatewayProxyResult } from 'aws-lambda';
import { problemAnswer, tokenAnswer } from './api/answer';
import { type AuditLine, callerOf, tokenFields } from './api/audit';
import { parseRequest } from './api/request';
import { createEngine, type Outside } from './vending/engine';
import { asVendingError, VendingError } from './vending/errors';
import type { Fact } from './vending/types';

/** Where the service tells what it did. */
export interface Telemetry {
  audit(line: AuditLine, secondsLeft?: number): void;
  observe(fact: Fact): void;
  /** Something that should not happen: the name and the place of an error, never its message. */
  fault(error: unknown): void;
  /** Called at the end of each invocation. */
  flush(): void;
}

export interface ServiceDoors extends Omit<Outside, 'observe'> {
  /** The names of the configured credentials. */
  readonly credentials: readonly string[];
  readonly telemetry: Telemetry;
}

/** The function without its wiring: takes an API Gateway event, or the scheduled tick. */
export type Service = (event: unknown) => Promise<APIGatewayProxyResult | undefined>;

export function createService({ credentials, telemetry, ...outside }: ServiceDoors): Service {
  const engine = createEngine({ ...outside, observe: (fact) => telemetry.observe(fact) });

  async function answer(event: unknown): Promise<APIGatewayProxyResult> {
    let about: Pick<AuditLine, 'action' | 'credential'> = { action: 'unknown' };
    try {
      const request = parseRequest(event, credentials);
      const { kind: action, credential } = request;
      about = { action, credential };
      const vended = request.kind === 'vend' ? await engine.vend(request) : await engine.reject(request);
      const result = tokenAnswer(credential, vended);
      telemetry.audit(
        { ...about, outcome: 'vended', ...callerOf(event), status: result.statusCode, ...tokenFields(vended) },
        Math.floor(vended.token.expiresAt - vended.at / 1_000),
      );
      return result;
    } catch (thrown) {
      if (!(thrown instanceof VendingError)) {
        telemetry.fault(thrown);
      }
      const error = asVendingError(thrown);
      const result = problemAnswer(error);
      telemetry.audit({
        ...about,
        outcome: 'refused',
        ...callerOf(event),
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
      return await answer(event);
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
