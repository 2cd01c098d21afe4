import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { buildSync } from 'esbuild';
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
