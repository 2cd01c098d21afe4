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
for (const file of ['LICENSE', 'README.md']) copyFileSync(join(root, file), join(dist, file));
writeFileSync(join(dist, 'package.json'), JSON.stringify(packed(manifest), null, 2));

/** What is packed says where things are in `dist`, and asks for no package of its own: all that it needs is bundled. */
function packed({
  name,
  version,
  description,
  license,
  keywords,
  publishConfig,
  engines,
  exports,
  bin,
  peerDependencies,
  peerDependenciesMeta,
}: typeof manifest) {
  const inDist = JSON.parse(JSON.stringify({ exports, bin }).replaceAll('"./dist/', '"./'));
  const about = { name, version, description, license, keywords, publishConfig, engines };
  return { ...about, ...inDist, peerDependencies, peerDependenciesMeta };
}
