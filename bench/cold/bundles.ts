import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import { Runtime } from 'aws-cdk-lib/aws-lambda';
import { type BundlingOptions, NodejsFunction } from 'aws-cdk-lib/aws-lambda-nodejs';
import { type BuildOptions, buildSync } from 'esbuild';
import { BUNDLE, BUNDLING } from '../../lib/bundle';
import { ROOT, runFolder } from '../../test/support/toolbox';
import type { Sources } from './sources';

export interface Bundle {
  readonly file: string;
  readonly bytes: number;
}

/** A source, bundled as the function is but for `changes`. */
export function build(name: string, entry: string, changes: BuildOptions = {}): Bundle {
  const extension = changes.format === 'cjs' ? 'js' : 'mjs';
  const outfile = join(runFolder('bench', 'bundles'), name, BUNDLE.replace(/\w+$/, extension));
  const isSplit = changes.splitting === true;
  buildSync({
    ...BUNDLING,
    entryPoints: isSplit ? { index: entry } : [entry],
    ...(isSplit ? { outdir: join(outfile, '..'), outExtension: { '.js': '.mjs' } } : { outfile }),
    ...changes,
  });
  return { file: outfile, bytes: statSync(outfile).size };
}

/** A source, bundled by CDK's own construct. What it leaves out is found in this repository's `node_modules`. */
export function buildByCdk(entry: string, bundling: BundlingOptions = {}): Bundle {
  const app = new App({ outdir: join(runFolder('bench'), `cdk-${Object.keys(bundling).join('-') || 'default'}`) });
  new NodejsFunction(new Stack(app, 'Bench'), 'Function', {
    entry,
    runtime: Runtime.NODEJS_24_X,
    projectRoot: ROOT,
    depsLockFilePath: join(ROOT, 'package-lock.json'),
    bundling,
  });
  const { directory } = app.synth();
  const asset = readdirSync(directory).find((name) => name.startsWith('asset.')) ?? '';
  const file = join(directory, asset, 'index.js');
  return { file, bytes: statSync(file).size };
}

/** One change at a time to how the function is bundled, without its first read. */
export function trials({ withoutFirstRead, lazySecrets, withoutPowertools }: Sources): Record<string, Bundle> {
  const { '@smithy/core/event-streams': _1, ...withEventStreams } = BUNDLING.alias;
  const { '@aws-sdk/credential-provider-node': _2, ...withProviders } = BUNDLING.alias;
  return {
    CommonJS: build('cjs', withoutFirstRead, { format: 'cjs' }),
    'not minified': build('plain', withoutFirstRead, { minify: false }),
    'source map, linked and read': build('map', withoutFirstRead, { sourcemap: 'linked' }),
    "CommonJS, esbuild's default mainFields": build('main', withoutFirstRead, { format: 'cjs', mainFields: ['main'] }),
    "with the SDK's credential chain": build('providers', withoutFirstRead, { alias: withProviders }),
    "with the SDK's event streams": build('streams', withoutFirstRead, { alias: withEventStreams }),
    'Secrets Manager imported by the first mint': build('lazy', lazySecrets),
    'the same, split into two files': build('split', lazySecrets, { splitting: true }),
    'without Powertools (it logs nothing)': build('silent', withoutPowertools),
  };
}
