import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { App, Stack } from 'aws-cdk-lib';
import { BUNDLE, bundle } from '../../lib/bundle';
import { THIRD_PARTY_LICENSES } from '../../lib/third-party-licenses';
import { TokenVending } from '../../lib/token-vending';
import { WITHOUT_BUNDLING } from './synth';

/** A failed comparison of the texts themselves would take minutes to print. */
const digest = (file: string) => createHash('sha256').update(readFileSync(file)).digest('hex');

const folder = mkdtempSync(join(tmpdir(), 'bundle-'));
afterAll(() => rmSync(folder, { recursive: true }));

const HANDLER = join(__dirname, '../../lambda/handler.ts');
const ROTATION = join(__dirname, '../../lambda/rotation.ts');

test.each([HANDLER, ROTATION])(
  'a function is one whole file, the same wherever the command is started: %s',
  (entry) => {
    const here = process.cwd();
    bundle(entry, join(folder, 'a', BUNDLE));
    process.chdir(folder);
    try {
      bundle(entry, join(folder, 'b', BUNDLE));
    } finally {
      process.chdir(here);
    }
    const text = readFileSync(join(folder, 'a', BUNDLE), 'utf8');
    expect(digest(join(folder, 'b', BUNDLE))).toBe(digest(join(folder, 'a', BUNDLE)));
    expect(readdirSync(join(folder, 'a')).sort()).toEqual([THIRD_PARTY_LICENSES, BUNDLE]);
    for (const side of ['a', 'b']) {
      expect(readFileSync(join(folder, side, THIRD_PARTY_LICENSES), 'utf8')).toMatch(
        /@smithy\/core [\d.]+ \(Apache-2.0\)/,
      );
    }
    expect(digest(join(folder, 'b', THIRD_PARTY_LICENSES))).toBe(digest(join(folder, 'a', THIRD_PARTY_LICENSES)));
    // Whatever is imported at run time comes with Node; an ES module could not require it.
    const imported = [...text.matchAll(/(?:\bfrom|\bimport\(?)\s*"([^"]+)"/g)].map((match) => match[1] ?? '');
    expect(imported).toContain('node:https');
    expect(imported.filter((name) => !isBuiltin(name))).toEqual([]);
    expect(text).not.toContain('Dynamic require of');
  },
);

test.each([HANDLER, ROTATION])(
  "the credentials are the role's: no provider that reads files or asks a network: %s",
  (entry) => {
    const sources = bundle(entry, join(folder, 'c', BUNDLE));
    const providers = sources.flatMap((source) => source.match(/(credential-provider|token-provider)s?[\w-]*/g) ?? []);
    expect([...new Set(providers)]).toEqual(['credential-provider-env']);
  },
);

/**
 * Bytes: what the bundles have, and a tenth more. Every cold start reads, compiles and runs them (docs/performance.md):
 * what makes one grow past this should be worth it, and then the number goes up with the reason in the commit.
 */
const LARGEST = { [HANDLER]: 280_000, [ROTATION]: 223_000 };

test.each(Object.entries(LARGEST))('a bundle stays small: %s', (entry, largest) => {
  const file = join(folder, 'e', BUNDLE);
  bundle(entry, file);
  expect(statSync(file).size).toBeLessThan(largest);
  // Providers that this bundle must not hold, should their names survive in one that is not made of these sources.
  expect(readFileSync(file, 'utf8')).not.toMatch(/credential-provider-(sso|ini|process|web-identity)/);
});

test('a synth carries the bundled functions, and one that leaves the stack out of bundling does not', () => {
  const code = (context: Record<string, unknown>, outdir: string) => {
    const app = new App({ context, outdir: join(folder, outdir) });
    new TokenVending(new Stack(app, 'Test'), 'Fiskil');
    app.synth();
    return readdirSync(join(folder, outdir)).filter((name) => name.startsWith('asset.'));
  };
  const assets = code({}, 'bundled');
  const carried = assets.map((asset) => digest(join(folder, 'bundled', asset, BUNDLE)));
  for (const asset of assets) expect(readdirSync(join(folder, 'bundled', asset))).toContain(THIRD_PARTY_LICENSES);
  const bundled = [HANDLER, ROTATION].map((entry, index) => {
    const file = join(folder, `d${index}`, BUNDLE);
    bundle(entry, file);
    return digest(file);
  });
  expect(carried.sort()).toEqual(bundled.sort());
  expect(code({}, 'again')).toEqual(assets);
  expect(code(WITHOUT_BUNDLING, 'left-out')).toEqual([]);
});
