import { FilterLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import type { CheckContext } from './context';
import { allowedBy } from './finding';

export interface Search {
  readonly group: string;
  /** The exact text to find in the line. */
  readonly text: string;
  /** Epoch milliseconds. */
  readonly since: number;
}

/** The most pages in one search. CloudWatch searches about a megabyte for each page. */
const MOST_PAGES = 100;

/** The lines of a log group that contain a text, oldest first. */
export async function linesWith({ aws }: CheckContext, { group, text, since }: Search): Promise<string[]> {
  const lines: string[] = [];
  let next: string | undefined;
  for (let page = 0; page < MOST_PAGES; page++) {
    const { events = [], nextToken } = await allowedBy(
      'logs:FilterLogEvents',
      aws.logs.send(
        new FilterLogEventsCommand({
          logGroupName: group,
          filterPattern: JSON.stringify(text),
          startTime: since,
          nextToken: next,
        }),
      ),
    );
    lines.push(...events.map(({ message = '' }) => message).filter((message) => message.includes(text)));
    next = nextToken;
    if (!next) {
      break;
    }
  }
  return lines;
}

/** The JSON object in a line; undefined for another line. */
export function fieldsOf(line: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
