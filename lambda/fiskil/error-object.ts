import type { Pair, UpstreamError } from '../vending/types';
import { isLoggable } from './loggable';

const FORM = /^[A-Za-z0-9_.-]{1,80}$/;

/**
 * The id and the name in Fiskil's error object (Fiskil, Errors page), each only if it may be logged. The message is never logged.
 * Returns nothing for a body that is not an error object.
 */
export function errorIn(body: string, pair: Pair): UpstreamError {
  const { id, name } = objectIn(body);
  return {
    ...(isLoggable(id, FORM, pair) && { upstream_error_id: id }),
    ...(isLoggable(name, FORM, pair) && { upstream_error_name: name }),
  };
}

function objectIn(body: string): { readonly id?: unknown; readonly name?: unknown } {
  try {
    return JSON.parse(body) ?? {};
  } catch {
    return {};
  }
}
