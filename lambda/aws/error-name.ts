/**
 * What may be logged of an error from the SDK: its name, or the code where the name says nothing (a system error's is
 * `Error`). Never its message, which can quote a request.
 */
export function nameOf(error: unknown): string {
  const { code, name } = error as { readonly code?: unknown; readonly name?: unknown };
  return name === 'Error' && typeof code === 'string' ? code : String(name);
}
