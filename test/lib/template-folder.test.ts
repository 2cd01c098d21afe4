import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { unzipSync } from 'fflate';
import { writeTemplateFolder } from '../../bin/template-folder';
import { BUNDLE, bundle } from '../../lib/bundle';
import { THIRD_PARTY_LICENSES } from '../../lib/third-party-licenses';

const ROOT = join(__dirname, '../..');
const digest = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

describe('a template folder', () => {
  const scratch = mkdtempSync(join(tmpdir(), 'template-test-'));
  const folder = join(scratch, 'new', 'folder');
  const read = (name: string, from = folder) => readFileSync(join(from, name));
  let written: string[];
  let template: { Resources: Record<string, { Type: string; Properties: Record<string, unknown>; Metadata?: object }> };

  beforeAll(() => {
    written = writeTemplateFolder({ 'fiskil:credentials': '{"default":{},"sandbox":{}}' }, folder);
    template = JSON.parse(read('template.json').toString());
  });
  afterAll(() => rmSync(scratch, { recursive: true }));

  test('has the configured template and a zip for each function, which the template names by its path', () => {
    expect(readdirSync(folder).sort()).toEqual([...written].sort());
    expect(Object.keys(template)).toEqual(['Description', 'Resources', 'Outputs']);
    const ofType = (type: string) => Object.values(template.Resources).filter(({ Type }) => Type === type);
    expect(ofType('AWS::SecretsManager::Secret')).toHaveLength(2);
    const code = ofType('AWS::Lambda::Function').map(({ Properties }) => Properties.Code);
    expect(['template.json', ...code.map((path) => String(path).replace('./', ''))]).toEqual(written);
    expect(code).toHaveLength(2);
  });

  test('needs no bootstrap: nothing of it stands in the template, and nothing of assets', () => {
    const text = read('template.json').toString();
    expect(text).toContain('AWS::DynamoDB::Table');
    expect(text).not.toMatch(/bootstrap|cdk-hnb659fds|aws:asset|aws:cdk:path|AWS::CDK::Metadata/i);
  });

  test.each([
    ['vend.zip', 'handler.ts'],
    ['rotation.zip', 'rotation.ts'],
  ])('%s holds the very bundle that CDK deploys, and its licences', (zip, entry) => {
    const files = unzipSync(read(zip));
    expect(Object.keys(files).sort()).toEqual([THIRD_PARTY_LICENSES, BUNDLE]);
    bundle(join(ROOT, 'lambda', entry), join(scratch, entry, BUNDLE));
    for (const [name, bytes] of Object.entries(files))
      expect([name, digest(bytes)]).toEqual([name, digest(read(name, join(scratch, entry)))]);
  });

  test('has the same bytes each time, in every time zone', () => {
    const { TZ } = process.env;
    process.env.TZ = 'Pacific/Auckland';
    const again = join(scratch, 'again');
    try {
      writeTemplateFolder({ 'fiskil:credentials': '{"default":{},"sandbox":{}}' }, again);
    } finally {
      if (TZ === undefined) delete process.env.TZ;
      else process.env.TZ = TZ;
    }
    for (const name of written) expect([name, digest(read(name, again))]).toEqual([name, digest(read(name))]);
  });
});

describe('npm run template', () => {
  test.each([
    [[], 'Say where to write: --output FOLDER.'],
    [['--ouput', 'x'], "Unknown option '--ouput'"],
    [['-c', 'canary-secret', '-o', 'x'], '-c takes key=value, such as -c fiskil:rotation=false.'],
    [['-c', 'fiskil:throttel=canary-secret', '-o', 'x'], 'fiskil:throttel is not a key of this app'],
  ])('%j: says in a sentence what is wrong', (args, sentence) => {
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [join(ROOT, 'node_modules/.bin/tsx'), 'bin/template.ts', ...args],
      { cwd: ROOT, encoding: 'utf8' },
    );
    expect([status, stdout]).toEqual([1, '']);
    expect(stderr.slice(0, sentence.length)).toBe(sentence);
    expect(stderr).not.toMatch(/canary-secret|^ +at /m);
  });
});
