import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildSync, type Format } from 'esbuild';
import { THIRD_PARTY_LICENSES, thirdPartyLicenses } from '../lib/third-party-licenses';

const client = __dirname;
const root = join(client, '..');
const dist = join(root, 'dist', 'client');
const emitted = join(dist, 'types');
const types = join(emitted, 'client');

rmSync(dist, { recursive: true, force: true });
mkdirSync(dist, { recursive: true });
execFileSync(join(root, 'node_modules', '.bin', 'tsc'), ['-p', join(client, 'tsconfig.build.json')], {
  stdio: 'inherit',
});
for (const entry of ['index', 'testing']) {
  bundle(entry, 'esm', 'mjs');
  bundle(entry, 'cjs', 'cjs');
}
rmSync(emitted, { recursive: true });

/** One file, with the signer. The unbundled signer would load three times as much code, which costs a cold caller about 10 ms. And whoever installs this
 * client installs nothing else. The code is not minified, because Node prints the line that threw above an uncaught error.
 */
function bundle(entry: string, format: Format, extension: 'mjs' | 'cjs'): void {
  const { metafile } = buildSync({
    entryPoints: [join(client, `${entry}.ts`)],
    absWorkingDir: root,
    metafile: true,
    outfile: join(dist, `${entry}.${extension}`),
    bundle: true,
    // The test kit throws the error class of the client that the code under test imports.
    external: ['fiskil-token-vending/client'],
    format,
    platform: 'node',
    target: 'node20',
    mainFields: ['module', 'main'],
    alias: {
      'node:crypto': join(client, 'builtins.ts'),
      '@smithy/core/event-streams': join(root, 'lambda/aws/no-event-streams.ts'),
    },
    // This name loads WebCrypto too, as soon as it is read.
    define: { crypto: 'undefined' },
    ...(entry === 'index' && {
      banner: {
        js: '/*! Holds parts of @smithy/signature-v4 and @smithy/core, Copyright Amazon.com, Inc., Apache-2.0. */',
      },
    }),
  });
  if (entry === 'index') {
    writeFileSync(join(dist, THIRD_PARTY_LICENSES), thirdPartyLicenses(metafile, root));
  }
  declarations(entry, extension, new Set());
}

/** Relative imports need the extension of the importing module. Otherwise Node16 resolution finds no types. */
function declarations(module: string, extension: 'mjs' | 'cjs', done: Set<string>): void {
  if (done.has(module)) {
    return;
  }
  done.add(module);
  const imported = /(from '|import\(')\.\/([\w-]+)'/g;
  const text = readFileSync(join(types, `${module}.d.ts`), 'utf8');
  for (const [, , name] of text.matchAll(imported)) {
    declarations(name as string, extension, done);
  }
  const out = text.replace(imported, (_, before, name) => `${before}./${name}.${extension}'`);
  writeFileSync(join(dist, `${module}.d.${extension === 'mjs' ? 'mts' : 'cts'}`), out);
}
