import { copyFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildSync } from 'esbuild';
import { THIRD_PARTY_LICENSES, thirdPartyLicenses } from '../lib/third-party-licenses';

const root = join(__dirname, '..');
const dist = join(root, 'dist', 'local');

rmSync(dist, { recursive: true, force: true });
mkdirSync(dist, { recursive: true });

/** The package's command in one file, so that users of the package install nothing else. */
const { metafile } = buildSync({
  entryPoints: [join(root, 'local', 'cli.ts')],
  absWorkingDir: root,
  metafile: true,
  outfile: join(dist, 'cli.cjs'),
  bundle: true,
  format: 'cjs',
  platform: 'node',
  target: 'node20',
  mainFields: ['module', 'main'],
});
writeFileSync(join(dist, THIRD_PARTY_LICENSES), thirdPartyLicenses(metafile, root));
// Where local/description.ts looks for it, from the folder that it is in.
mkdirSync(join(root, 'dist', 'docs'), { recursive: true });
copyFileSync(join(root, 'docs', 'openapi.yaml'), join(root, 'dist', 'docs', 'openapi.yaml'));
