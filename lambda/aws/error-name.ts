/**
 * What may be logged of an error from the SDK: the code of a system error (whose name is just `Error`), else its name.
 * Never its message, which can quote a request.
 */
export function nameOf(error: unknown): string {
  const { code, name } = error as { readonly code?: unknown; readonly name?: unknown };
  return typeof code === 'string' ? code : String(name);
}
