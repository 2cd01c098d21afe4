/** Whether a text is printable ASCII without spaces, and not empty: what an HTTP header can carry as it is. */
export function isPrintable(text: string): boolean {
  return /^[\x21-\x7e]+$/.test(text);
}
