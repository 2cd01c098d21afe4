import { execFileSync } from 'node:child_process';
import { copyFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildSync } from 'esbuild';
import manifest from '../package.json';
import { BUNDLE, bundle } from './bundle';

const root = join(__dirname, '..');
const dist = join(root, 'dist');

rmSync(dist, { recursive: true, force: true });
execFileSync(join(root, 'node_modules', '.bin', 'tsc'), ['-p', join(__dirname, 'tsconfig.build.json')], {
  stdio: 'inherit',
});
buildSync({
  entryPoints: [join(__dirname, 'index.ts')],
  outfile: join(dist, 'index.cjs'),
  bundle: true,
  packages: 'external',
  format: 'cjs',
  platform: 'node',
  target: 'node20',
});
for (const name of ['handler', 'rotation']) {
  bundle(join(root, 'lambda', `${name}.ts`), join(dist, 'functions', name, BUNDLE));
}
for (const name of ['LICENSE', 'README.md', 'CHANGELOG.md']) {
  copyFileSync(join(root, name), join(dist, name));
}
writeFileSync(join(dist, 'package.json'), JSON.stringify(packed(manifest), null, 2));

/** The manifest of the package, with paths inside `dist`. It has no dependencies, because the bundles contain them. */
function packed(ours: typeof manifest) {
  const { files: _1, scripts: _2, dependencies: _3, devDependencies: _4, ...packed } = ours;
  return JSON.parse(JSON.stringify(packed).replaceAll(/"(\.\/)?dist\//g, '"$1'));
}
