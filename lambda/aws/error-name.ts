/** The part of an SDK error that may be logged: its name, or its code if the name says nothing (system errors have the name `Error`). The message can
 * quote a request, so it is never logged.
 */
export function nameOf(error: unknown): string {
  const { code, name } = error as { readonly code?: unknown; readonly name?: unknown };
  return name === 'Error' && typeof code === 'string' ? code : String(name);
}
