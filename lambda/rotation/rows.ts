import { applyEdits, modify, parseTree } from 'jsonc-parser';

/** A JSON object's text with one row set, or removed if there is no value. Everything else keeps its exact text. `JSON.parse` would change it:
 * long numbers, repeated keys, escapes, spaces.
 */
export function withRow(text: string, row: string, value: string | undefined): string {
  const found = parseTree(text)?.children?.filter(({ children }) => children?.[0]?.value === row).length ?? 0;
  // The editor finds the first of a repeated key, and `JSON.parse` the last. So the code leaves only one of our rows.
  const spare = Math.max(0, found - (value === undefined ? 0 : 1));
  const once = Array.from({ length: spare }).reduce<string>((rest) => edited(rest, row, undefined), text);
  return value === undefined ? once : edited(once, row, value);
}

function edited(text: string, row: string, value: string | undefined): string {
  return applyEdits(text, modify(text, [row], value, {}));
}
