import { existsSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, parse } from 'node:path';
import { AssetHashType, DockerImage } from 'aws-cdk-lib';
import { Code } from 'aws-cdk-lib/aws-lambda';
import type { BuildOptions } from 'esbuild';
import { THIRD_PARTY_LICENSES, thirdPartyLicenses } from './third-party-licenses';

const ROOT = join(__dirname, '..');

/** The file in which Lambda looks for `index.handler`. The extension makes it an ES module, so Lambda waits for its `await`. */
export const BUNDLE = 'index.mjs';

/** How the functions are bundled. docs/performance.md has the effect of each choice, and what else we tried. */
export const BUNDLING = {
  absWorkingDir: ROOT,
  bundle: true,
  minify: true,
  platform: 'node',
  target: 'node24',
  format: 'esm',
  // esbuild can leave out unused parts of the SDK's ES modules, but not of its CommonJS modules.
  mainFields: ['module', 'main'],
  legalComments: 'none',
  alias: {
    '@aws-sdk/credential-provider-node': join(ROOT, 'lambda/aws/environment-credentials.ts'),
    '@smithy/core/event-streams': join(ROOT, 'lambda/aws/no-event-streams.ts'),
  },
  logLevel: 'silent',
} satisfies BuildOptions;

/** Writes `entry` and its imports to `outputFile`: one file, with the same bytes for the same source. Writes the licences of the bundled packages beside
 * it. Returns the paths of the bundled sources, relative to this repository.
 */
export function bundle(entry: string, outputFile: string): string[] {
  // Loaded only here, because users of the package get finished bundles and need no esbuild.
  const { buildSync } = require('esbuild') as typeof import('esbuild');
  const { metafile } = buildSync({ ...BUNDLING, entryPoints: [entry], outfile: outputFile, metafile: true });
  writeFileSync(join(dirname(outputFile), THIRD_PARTY_LICENSES), thirdPartyLicenses(metafile, ROOT));
  return Object.keys(metafile.inputs);
}

/** In the package, a folder for each function, bundled from the tested versions. Does not exist in a checkout. */
const BUILT = join(__dirname, 'functions');

/** A function's code: the package's bundle, or one made at synth. If the context key `aws:cdk:bundling-stacks` omits a
 * stack, that stack gets the source folder. This makes template tests quick.
 */
export function bundledCode(entry: string): Code {
  const built = join(BUILT, parse(entry).name);
  if (existsSync(built)) {
    return Code.fromAsset(built);
  }
  return Code.fromAsset(dirname(entry), {
    assetHashType: AssetHashType.OUTPUT,
    bundling: {
      // Never pulled. `tryBundle` does the work, but CDK requires an image.
      image: DockerImage.fromRegistry('unused'),
      // Never run. It makes the two assets of one folder different for CDK.
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
