/**
 * `npm run api` compares the types that users see with the reports in this folder, and fails where they differ.
 * `npm run api -- --update` writes the reports.
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Extractor, ExtractorConfig, ExtractorLogLevel } from '@microsoft/api-extractor';

const ROOT = join(__dirname, '..');
/** Where tsconfig.json puts the declarations: inside this repository, so that they find the types of CDK and Node. */
const DECLARATIONS = join(ROOT, '.cache', 'api');

/** The entry points of the package: the name of each report, and the module that is exported. */
const ENTRY_POINTS = { construct: 'lib/index', client: 'client/index', testing: 'client/testing' } as const;

function main(): void {
  const { values } = parseArgs({ options: { update: { type: 'boolean', default: false } } });
  const tsc = spawnSync(join(ROOT, 'node_modules', '.bin', 'tsc'), ['-p', __dirname], { stdio: 'inherit' });
  if (tsc.status !== 0) {
    console.error('The types do not compile: see above.');
    process.exitCode = 1;
    return;
  }
  const differ = Object.entries(ENTRY_POINTS).filter(([name, module]) => !report(name, module, values.update));
  if (differ.length === 0) {
    return;
  }
  const files = differ.map(([name]) => `api/${name}.api.md`).join(' and ');
  console.error(`The public types differ from ${files}. docs/stability.md says what may change.`);
  console.error('If you mean the change, run `npm run api -- --update` and commit the report.');
  process.exitCode = 1;
}

/** Returns whether the report is right, after an update of it if asked for. What is wrong with the types themselves is printed. */
function report(name: string, module: string, update: boolean): boolean {
  const entryPoint = join(DECLARATIONS, `${module}.d.ts`);
  const config = ExtractorConfig.prepare({
    configObject: {
      projectFolder: ROOT,
      mainEntryPointFilePath: entryPoint,
      newlineKind: 'lf',
      compiler: {
        // The extractor has a TypeScript of its own. It reads nothing but declarations.
        overrideTsconfig: {
          compilerOptions: {
            lib: ['es2023'],
            module: 'preserve',
            types: ['node'],
            strict: true,
            skipLibCheck: true,
            paths: { 'fiskil-token-vending/client': [join(DECLARATIONS, 'client/index.d.ts')] },
          },
          files: [entryPoint],
        },
      },
      apiReport: {
        enabled: true,
        reportFileName: `${name}.api.md`,
        reportFolder: __dirname,
        reportTempFolder: join(DECLARATIONS, 'reports'),
      },
      docModel: { enabled: false },
      dtsRollup: { enabled: false },
      tsdocMetadata: { enabled: false },
      messages: {
        extractorMessageReporting: {
          // Everything that is exported is public; there are no release tags.
          'ae-missing-release-tag': { logLevel: ExtractorLogLevel.None },
          // A type that users meet but cannot import.
          'ae-forgotten-export': { logLevel: ExtractorLogLevel.Error },
        },
      },
    },
    configObjectFullPath: undefined,
    packageJsonFullPath: join(ROOT, 'package.json'),
  });
  const { apiReportChanged, errorCount } = Extractor.invoke(config, {
    localBuild: update,
    messageCallback: (message) => {
      // What `main` says instead is shorter, and names our own command.
      if (message.logLevel !== ExtractorLogLevel.Error) {
        message.handled = true;
      }
    },
  });
  if (errorCount > 0) {
    process.exitCode = 1;
  }
  return update || !apiReportChanged;
}

main();
