import { existsSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, parse } from 'node:path';
import { AssetHashType, DockerImage } from 'aws-cdk-lib';
import { Code } from 'aws-cdk-lib/aws-lambda';
import type { BuildOptions } from 'esbuild';
import { THIRD_PARTY_LICENSES, thirdPartyLicenses } from './third-party-licenses';

const ROOT = join(__dirname, '..');

/** What `index.handler` is looked for in. The extension tells Lambda that it is an ES module, whose `await` it waits for. */
export const BUNDLE = 'index.mjs';

/** How the functions are bundled. What each choice is worth, and what was tried beside it, is in docs/performance.md. */
export const BUNDLING = {
  absWorkingDir: ROOT,
  bundle: true,
  minify: true,
  platform: 'node',
  target: 'node24',
  format: 'esm',
  // The SDK's ES modules shake; its CommonJS ones come whole.
  mainFields: ['module', 'main'],
  legalComments: 'none',
  alias: {
    '@aws-sdk/credential-provider-node': join(ROOT, 'lambda/aws/environment-credentials.ts'),
    '@smithy/core/event-streams': join(ROOT, 'lambda/aws/no-event-streams.ts'),
  },
  logLevel: 'silent',
} satisfies BuildOptions;

/**
 * Writes `entry` and all it imports to `outputFile`: one file, the same bytes for the same source. Beside it go the licences
 * of the packages that it holds parts of.
 * Returns the paths of the sources that went in, relative to this repository.
 */
export function bundle(entry: string, outputFile: string): string[] {
  // Only now: who installs the package gets bundles, and needs no esbuild.
  const { buildSync } = require('esbuild') as typeof import('esbuild');
  const { metafile } = buildSync({ ...BUNDLING, entryPoints: [entry], outfile: outputFile, metafile: true });
  writeFileSync(join(dirname(outputFile), THIRD_PARTY_LICENSES), thirdPartyLicenses(metafile, ROOT));
  return Object.keys(metafile.inputs);
}

/** In the package: a folder for each function, bundled from the versions that were tested. In a checkout: none. */
const BUILT = join(__dirname, 'functions');

/**
 * A function's code: as the package holds it, or bundled at synth. A stack that the context key `aws:cdk:bundling-stacks` leaves out gets the source folder instead,
 * which makes template tests quick.
 */
export function bundledCode(entry: string): Code {
  const built = join(BUILT, parse(entry).name);
  if (existsSync(built)) {
    return Code.fromAsset(built);
  }
  return Code.fromAsset(dirname(entry), {
    assetHashType: AssetHashType.OUTPUT,
    bundling: {
      // Never pulled: `tryBundle` does the work, and CDK wants an image beside it.
      image: DockerImage.fromRegistry('unused'),
      // Never run. CDK takes two assets of one folder for the same one unless something it can compare differs.
      command: [basename(entry)],
      local: {
        tryBundle(outputDirectory) {
          bundle(entry, join(outputDirectory, BUNDLE));
          return true;
        },
      },
    },
  });
}
