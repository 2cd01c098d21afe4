import type { IncomingMessage } from 'node:http';
import { ConfigurationError, members, refuse } from '../lib/config-values';
import { readBody } from './body';
import { type Answer, refusal } from './stand-in-answers';
import { type Conditions, GOOD_DAY, readConditions, WORDS } from './stand-in-conditions';
import type { IssuedToken } from './stand-in-tokens';

/** Outside of Fiskil's API, whose paths begin with /v1/. */
export const CONTROL_PATH = '/_control';

/** What a control request can read and change. */
export interface Controlled {
  /** The tokens issued so far, oldest first; `mints.length` counts them. */
  readonly mints: readonly IssuedToken[];
  /** The token requests that arrived so far, refused and faulty ones included. */
  readonly requests: number;
  /** How it behaves now, without a failure whose time is over. `forMs` of a failure is the remaining time. */
  readonly conditions: Conditions;
  /** Changes only the given conditions. */
  change(conditions: Partial<Conditions>): void;
  clearFaults(): void;
  /** Ends all tokens issued so far. */
  revokeAll(): void;
}

/** Reads and changes how the stand-in behaves. `GET` reads; `POST` changes the members of its JSON body; `DELETE` resets everything. Every answer has the
 * conditions after the request.
 * @param largest bytes of a body
 */
export async function control(request: IncomingMessage, largest: number, standIn: Controlled): Promise<Answer> {
  const { method } = request;
  if (method === 'POST') {
    // A browser asks for permission before a web page may send JSON to another origin, and this server never gives it.
    if (!/^application\/json\b/i.test(`${request.headers['content-type']}`)) {
      return refusal(415, 'content-type must be application/json');
    }
    const body = await readBody(request, largest);
    if (!body) {
      return refusal(413, 'the body is too large');
    }
    try {
      apply(body.toString(), standIn);
    } catch (error) {
      if (error instanceof ConfigurationError) {
        return refusal(400, error.message);
      }
      throw error;
    }
  } else if (method === 'DELETE') {
    standIn.clearFaults();
    standIn.change(GOOD_DAY);
  } else if (method !== 'GET') {
    return refusal(405, 'GET, POST or DELETE');
  }
  return { status: 200, body: told(standIn) };
}

function apply(body: string, standIn: Controlled): void {
  const { revoke, ...others } = members(body, 'the body', 'a JSON object');
  const isKnown = (name: string) => (WORDS as readonly string[]).includes(name);
  if (!Object.keys(others).every(isKnown)) {
    refuse(`the body has an unknown member: the known ones are ${WORDS.join(', ')}.`);
  }
  const endsAll = revoke === 'now';
  const words = endsAll || revoke === undefined ? others : { ...others, revoke };
  standIn.change(readConditions(words, (word) => word));
  if (endsAll) {
    standIn.revokeAll();
  }
}

/** The conditions in the words of a change, with times in seconds. */
function told({ conditions, mints, requests }: Controlled) {
  const { failure, latencyMs, expiresIn, mode, revokeAfterMs } = conditions;
  const seconds = (ms: number | undefined) => (ms === undefined ? null : ms / 1_000);
  return {
    fail: failure?.status ?? null,
    for: seconds(failure?.forMs),
    retry_after: failure?.retryAfter ?? null,
    latency: seconds(latencyMs),
    life: expiresIn,
    newest_only: mode === 'newest-only',
    revoke: seconds(revokeAfterMs),
    token_requests: requests,
    tokens_issued: mints.length,
  };
}
