import { TokenVendingError } from '../../client/errors';
import { nameOf } from '../../lambda/aws/error-name';
import { advise } from '../vend-advice';
import type { CheckContext } from './context';
import { type Finding, FoundWrong, failed } from './finding';

/** Every row, in the order in which they are printed. */
export const IDS = [
  ...(['unsigned', 'wrong-key', 'old-date', 'unknown-route', 'narrowed-session', 'signed', 'min-ttl'] as const),
  ...(['presigned', 'fiskil', 'audit', 'table-policy', 'ttl', 'secret-policy', 'rotation', 'key', 'ticks'] as const),
  ...(['alarms', 'mail', 'queries', 'concurrency', 'api-log-role', 'region', 'cold-start'] as const),
] as const;

export type Id = (typeof IDS)[number];

export interface Row extends Finding {
  readonly id: Id;
}

export interface Check {
  readonly id: Id;
  run(context: CheckContext): Promise<Finding>;
}

export async function rowOf({ id, run }: Check, context: CheckContext): Promise<Row> {
  try {
    return { id, ...(await run(context)) };
  } catch (error) {
    if (error instanceof FoundWrong) {
      return { id, ...error.finding };
    }
    if (error instanceof TokenVendingError) {
      return { id, ...refusal(error) };
    }
    // Not the error's text, because it can quote its input.
    return {
      id,
      ...failed(`The check itself failed (${nameOf(error)})`, 'report it, with the version of this command'),
    };
  }
}

/** The token API's error, in the words of `npm run vend`. */
function refusal(error: TokenVendingError): Finding {
  return { status: 'failed', detail: advise(error).replaceAll('\n', ' ') };
}
