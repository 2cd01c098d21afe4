/** A line of a log, parsed. */
export type Row = Readonly<Record<string, unknown>>;

/**
 * Runs the part of CloudWatch Logs Insights' language that the queries use: `filter` with `=`, `>`, `in` and `and`; `stats` with
 * count(*), min, max, avg and latest; `sort … desc`. Refuses whatever it does not know, rather than skip it.
 */
export function ask(query: string, rows: readonly Row[]): Row[] {
  return query.split(/\n\| /).reduce<Row[]>((found, command) => run(command, found), [...rows]);
}

function run(command: string, rows: Row[]): Row[] {
  const [, verb, rest = ''] = /^(filter|stats|sort) (.*)$/s.exec(command) ?? [];
  if (verb === 'filter') {
    const conditions = rest.split(' and ').map(condition);
    return rows.filter((row) => conditions.every((holds) => holds(row)));
  }
  if (verb === 'stats') return stats(rest, rows);
  const [, by] = /^(\w+) desc$/.exec(rest) ?? [];
  if (verb !== 'sort' || by === undefined) throw new Error(`unknown: ${command}`);
  return rows.toSorted((a, b) => Number(b[by]) - Number(a[by]));
}

function condition(text: string): (row: Row) => boolean {
  const [, field = '', one, several, least] = /^(\w+) (?:= (".*")|in (\[.*\])|> (\d+))$/.exec(text) ?? [];
  if (least !== undefined) return (row) => Number(row[field]) > Number(least);
  const wanted: unknown[] = several ? JSON.parse(several) : [JSON.parse(one ?? '')];
  return (row) => wanted.includes(row[field]);
}

function stats(text: string, rows: Row[]): Row[] {
  const [aggregates = '', by = ''] = text.split(' by ');
  const fields = by.split(', ');
  const groups = new Map<string, Row[]>();
  for (const row of rows) {
    const key = JSON.stringify(fields.map((field) => row[field]));
    groups.set(key, [...(groups.get(key) ?? []), row]);
  }
  return [...groups.values()].map((members) => ({
    ...Object.fromEntries(fields.map((field) => [field, members[0]?.[field]])),
    ...Object.fromEntries(aggregates.split(', ').map((aggregate) => aggregated(aggregate, members))),
  }));
}

function aggregated(aggregate: string, rows: Row[]): [string, unknown] {
  const [, what = '', of = '', name = ''] = /^(count|min|max|avg|latest)\((\*|@?\w+)\) as (\w+)$/.exec(aggregate) ?? [];
  if (what === 'count' && of === '*') return [name, rows.length];
  // The timestamp of a line stands for @timestamp, which CloudWatch gives each line that it takes in.
  const values = rows.map((row) => row[of.replace('@', '')]).filter((value) => value !== undefined);
  if (what === 'latest') return [name, values.at(-1)];
  if (of === '@timestamp' && what === 'max') return [name, values.sort().at(-1)];
  const numbers = values.map(Number);
  if (numbers.length === 0) return [name, undefined];
  if (what === 'min') return [name, Math.min(...numbers)];
  if (what === 'max') return [name, Math.max(...numbers)];
  if (what === 'avg') return [name, numbers.reduce((total, each) => total + each, 0) / numbers.length];
  throw new Error(`unknown: ${aggregate}`);
}
