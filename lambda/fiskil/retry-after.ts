/** The seconds that a `Retry-After` header asks for, given as a number or as a date; undefined if it is neither. */
export function retryAfterSeconds(header: string | null, now: number): number | undefined {
  if (header === null) {
    return undefined;
  }
  if (/^\d{1,9}$/.test(header.trim())) {
    return Number(header);
  }
  // A date begins with a weekday (RFC 9110). `Date.parse` alone would also accept "1.5" and "-5".
  const date = /^[A-Z]/i.test(header) ? Date.parse(header) : Number.NaN;
  return Number.isNaN(date) ? undefined : Math.max(0, Math.ceil((date - now) / 1_000));
}
