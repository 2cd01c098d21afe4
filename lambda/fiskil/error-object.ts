import type { Pair, UpstreamError } from '../vending/types';
import { isLoggable } from './loggable';

const FORM = /^[A-Za-z0-9_.-]{1,80}$/;

/**
 * The id and the name in Fiskil's error object (Fiskil, Errors page), each only if it may be logged. Its message never is.
 * Nothing of a body that is not one.
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
