import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { synthesised } from '../lib/synth';
import { theOnly } from '../support/resources';
import { cfnLintPython } from '../support/toolbox';
import { CONFIGURATIONS } from './configurations';

/** What cfn-lint finds and we leave, each with why. */
const ACKNOWLEDGED: Readonly<Record<string, string>> = {
  W3005:
    'CDK writes down each dependency between constructs, also where a reference implies it: superfluous, and harmless.',
};

interface Finding {
  readonly Rule: { readonly Id: string };
  readonly Message: string;
  readonly Filename: string;
}

const folder = mkdtempSync(join(tmpdir(), 'cfn-lint-'));
afterAll(() => rmSync(folder, { recursive: true }));

const names = Object.keys(CONFIGURATIONS);
const fileOf = (name: string) => join(folder, `${name.replaceAll(' ', '-')}.json`);
const FAULTY = 'faulty';

/** All of them by one run, since most of its time goes into reading CloudFormation's schemas. */
let found: Finding[] = [];
beforeAll(async () => {
  for (const [name, context] of Object.entries(CONFIGURATIONS)) {
    writeFileSync(fileOf(name), JSON.stringify(synthesised(context).toJSON()));
  }
  const template = synthesised();
  const faulty = template.toJSON();
  faulty.Resources[theOnly(template, 'AWS::DynamoDB::Table').id].Properties.BillingMode = 'FREE';
  faulty.Outputs.TokenApiUrl.Value = { Ref: 'Nothing' };
  writeFileSync(fileOf(FAULTY), JSON.stringify(faulty));

  const files = [...names, FAULTY].map(fileOf);
  const args = [
    '-c',
    'import sys; from cfnlint.runner import main; sys.exit(main())',
    '--regions',
    'ap-southeast-2',
    '--format',
    'json',
    ...files,
  ];
  // It ends with a code that tells what it found, and says so on standard output.
  const { stdout } = await promisify(execFile)(cfnLintPython(), args).catch((error: { stdout?: string }) => {
    if (!error.stdout) throw error;
    return { stdout: error.stdout };
  });
  found = JSON.parse(stdout);
});

test.each(names)('cfn-lint finds nothing but what is acknowledged: %s', (name) => {
  const findings = found.filter(({ Filename }) => Filename === fileOf(name));
  expect(findings.filter(({ Rule }) => !Object.hasOwn(ACKNOWLEDGED, Rule.Id))).toEqual([]);
  // It has read the file, and each acknowledgement is still needed.
  expect([...new Set(findings.map(({ Rule }) => Rule.Id))]).toEqual(Object.keys(ACKNOWLEDGED));
});

test('cfn-lint finds a value that CloudFormation would refuse, and an output that refers to nothing', () => {
  const findings = found.filter(({ Filename }) => Filename === fileOf(FAULTY));
  expect(findings.map(({ Rule }) => Rule.Id)).toEqual(expect.arrayContaining(['E3030', 'E6101']));
});
