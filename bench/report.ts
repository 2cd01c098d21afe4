import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg, type } from 'node:os';
import { join } from 'node:path';
import { ROOT } from '../test/support/toolbox';

export const PERFORMANCE_PAGE = join(ROOT, 'docs', 'performance.md');

export interface Section {
  /** The name of the bench and of its markers in the page. */
  readonly name: string;
  readonly heading: string;
  /** The packages whose versions to print with the numbers. */
  readonly packages?: readonly string[];
  /** Markdown: the method, then tables. */
  readonly parts: readonly string[];
}

/** Prints a section, and puts it between its markers in docs/performance.md. */
export function publish({ name, heading, packages = [], parts }: Section): void {
  const text = [`## ${heading}`, ...parts, provenance(name, packages)].join('\n\n');
  console.log(`\n${text}\n`);
  const [from, to] = [`<!-- bench:${name} -->`, `<!-- /bench:${name} -->`];
  const page = existsSync(PERFORMANCE_PAGE) ? readFileSync(PERFORMANCE_PAGE, 'utf8') : '# Performance\n';
  const start = page.indexOf(from);
  const end = page.indexOf(to);
  const section = `${from}\n${text}\n${to}`;
  const next =
    start < 0 || end < start
      ? `${page.trimEnd()}\n\n${section}\n`
      : page.slice(0, start) + section + page.slice(end + to.length);
  writeFileSync(PERFORMANCE_PAGE, next);
}

/** A Markdown table, padded so that a terminal shows it well too. Numbers are aligned to the right. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((title, column) => Math.max(3, title.length, ...rows.map((row) => row[column]?.length ?? 0)));
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0))).join(' | ')} |`;
  const rule = `|${widths.map((width, i) => (i === 0 ? '-'.repeat(width + 2) : `${'-'.repeat(width + 1)}:`)).join('|')}|`;
  return [line(head), rule, ...rows.map(line)].join('\n');
}

/** Where, when and with what a section was measured. The load average shows how busy the machine was. */
function provenance(name: string, packages: readonly string[]): string {
  const versions = packages.map((id) => `${id} ${versionOf(id)}`);
  const machine = `${availableParallelism()} × ${cpus()[0]?.model.trim() || process.arch}, ${type()} ${process.arch}`;
  return [
    `*${new Date().toISOString().slice(0, 10)}; \`npm run bench -- ${name}\`; Node ${process.versions.node}; ${machine};`,
    `load average at the end ${loadavg()[0]?.toFixed(1)}${versions.length > 0 ? `; ${versions.join(', ')}` : ''}.*`,
  ].join(' ');
}

function versionOf(id: string): string {
  // Not `require.resolve`, because a package need not export its package.json.
  const file =
    require.resolve
      .paths(id)
      ?.map((folder) => join(folder, id, 'package.json'))
      .find(existsSync) ?? '';
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}
