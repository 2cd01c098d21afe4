import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { type Fault, STAND_IN_PAIR, startStandIn } from '../../local/fiskil-stand-in';
import type { Front } from '../../local/front';
import { startTokenApi } from '../../local/token-api';
import { answer } from '../support/stand-in-faults';
import { schemathesisPython } from '../support/toolbox';

let api: Front;
let printed: string;
let folder: string;
const print = (text: string) => {
  printed += text;
};
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'schemathesis-'));
  printed = '';
  api = await startTokenApi({ help: false, port: 0 }, print);
});
afterEach(async () => {
  await api.stop();
  rmSync(folder, { recursive: true });
});

interface Run {
  readonly code: number;
  readonly output: string;
}

/** Calls the local token API, signed, with what Schemathesis makes of the description. */
function schemathesis(description: string, options: readonly string[] = [], url = api.url): Promise<Run> {
  const config = join(__dirname, 'schemathesis.toml');
  const args = ['--config-file', config, 'run', description, '--url', url, '--no-color', ...options];
  return new Promise((resolve) => {
    execFile(
      schemathesisPython(),
      ['-m', 'schemathesis.cli', ...args],
      {
        cwd: folder,
        env: {
          PATH: process.env.PATH,
          PYTHONPATH: __dirname,
          PYTHONDONTWRITEBYTECODE: '1',
          SCHEMATHESIS_HOOKS: 'hooks',
        },
      },
      (error, stdout, stderr) => resolve({ code: Number(error?.code ?? 0), output: stdout + stderr }),
    );
  });
}

/** How often the API answered so, by its own account: a code, or the status of a success. */
const answered = (code: string) =>
  [...printed.matchAll(/: (?:\d{3} )?(\w+)/g)].filter(([, told]) => told === code).length;

test('Schemathesis finds no answer of the API that its description does not tell of, and no bad call that it takes', async () => {
  const { code, output } = await schemathesis(new URL('/openapi.yaml', api.url).href);

  expect([code, output]).toEqual([0, expect.stringContaining('No issues found')]);
  expect(output).toMatch(/Selected: 2\/2/);
  // Calls were really made: good ones and bad ones, with a signature and without, and each refusal of the API was seen.
  expect(answered('from')).toBeGreaterThan(80);
  expect(answered('invalid_request')).toBeGreaterThan(20);
  expect(answered('unsigned_or_unknown_route')).toBeGreaterThan(10);
  for (const each of ['unknown_credential', 'min_ttl_unattainable', 'rejection_too_soon', 'signature_invalid']) {
    expect([each, answered(each)]).toEqual([each, expect.any(Number)]);
    expect(answered(each)).toBeGreaterThan(1);
  }
});

test.each<[string, string, Fault]>([
  ['refuses the pair', 'credentials_rejected', answer(401)],
  ['throttles', 'upstream_throttled', answer(429, '', { 'retry-after': '60' })],
])('nor where Fiskil %s', async (_what, expected, fault) => {
  const fiskil = await startStandIn();
  fiskil.answerNext(fault, Number.POSITIVE_INFINITY);
  const failing = { tokenUrl: fiskil.url, pair: STAND_IN_PAIR };
  const behind = await startTokenApi({ help: false, port: 0, fiskil: failing }, print);
  try {
    const excluded = ['--exclude-checks', 'not_a_server_error,positive_data_acceptance'];
    const { code, output } = await schemathesis(
      new URL('/openapi.yaml', behind.url).href,
      ['--phases', 'examples,coverage', ...excluded],
      behind.url,
    );

    expect([code, output]).toEqual([0, expect.stringContaining('No issues found')]);
    expect(answered(expected)).toBeGreaterThan(5);
  } finally {
    await Promise.all([behind.stop(), fiskil.stop()]);
  }
});

test('it finds a description that is wrong', async () => {
  const mistakes = [
    ['        "404": { $ref: "#/components/responses/Unknown" }\n', ''],
    ['            type: integer,\n            minimum: 0,', '            type: string,'],
    ['const: no-store', 'const: private'],
    ['maximum: 57600', 'maximum: 576000000000000000'],
  ] as const;
  const description = mistakes.reduce(
    (text, [right, wrong]) => {
      expect(text).toContain(right);
      return text.replaceAll(right, wrong);
    },
    readFileSync(join(__dirname, '../../docs/openapi.yaml'), 'utf8'),
  );
  const file = join(folder, 'openapi.yaml');
  writeFileSync(file, description);

  const { code, output } = await schemathesis(file, ['--phases', 'examples,coverage']);

  expect(code).toBe(1);
  expect(output).toContain('Undocumented HTTP status code');
  expect(output).toContain('Response violates schema');
  expect(output).toContain('Response header does not conform');
  expect(output).toContain('API rejected schema-compliant request');
});
