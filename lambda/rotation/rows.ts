import { applyEdits, modify, parseTree } from 'jsonc-parser';

/**
 * A JSON object's text with one row set, or taken out where there is no value. All else keeps its very text, which a trip
 * through `JSON.parse` would change: numbers of many digits, repeated keys, escapes, spaces.
 */
export function withRow(text: string, row: string, value: string | undefined): string {
  const found = parseTree(text)?.children?.filter(({ children }) => children?.[0]?.value === row).length ?? 0;
  // The editor finds the first of a repeated key, and `JSON.parse` the last: of a row of ours, one is left.
  const spare = Math.max(0, found - (value === undefined ? 0 : 1));
  const once = Array.from({ length: spare }).reduce<string>((rest) => edited(rest, row, undefined), text);
  return value === undefined ? once : edited(once, row, value);
}

function edited(text: string, row: string, value: string | undefined): string {
  return applyEdits(text, modify(text, [row], value, {}));
}
