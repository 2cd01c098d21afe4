/** Epoch seconds as ISO 8601, with milliseconds. */
export function isoTime(seconds: number): string {
  return new Date(seconds * 1_000).toISOString();
}
