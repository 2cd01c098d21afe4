import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, parse } from 'node:path';
import { App, DefaultStackSynthesizer, type IStackSynthesizer } from 'aws-cdk-lib';
import { CfnFunction } from 'aws-cdk-lib/aws-lambda';
import { type Zippable, zipSync } from 'fflate';
import { configuration } from '../lib/config';
import { TokenVendingStack } from '../lib/token-vending-stack';

export const TEMPLATE = 'template.json';

/** Writes the stack as a folder for `aws cloudformation package`: the template, and a zip for each function, which the template names by its path.
 * Needs no AWS account. The same sources and the same context give the same bytes. Returns the names of the files.
 * @throws ConfigurationError for an invalid `fiskil:` key
 */
export function writeTemplateFolder(context: Readonly<Record<string, unknown>>, folder: string): string[] {
  const settings = configuration(context);
  const outdir = mkdtempSync(join(tmpdir(), 'template-'));
  try {
    const app = new App({ context, outdir, analyticsReporting: false });
    // A cast, because CDK is compiled less strictly: its class allows `undefined` where its interface does not.
    const synthesizer = new DefaultStackSynthesizer({ generateBootstrapVersionRule: false }) as IStackSynthesizer;
    const stack = new TokenVendingStack(app, settings.stackName, { configuration: settings, synthesizer });
    // Each function's construct is called Function, inside a construct with the name of its purpose.
    const functions = stack.node.findAll().filter((each) => each instanceof CfnFunction);
    const nameOf = new Map(
      functions.map((each) => [stack.resolve(each.logicalId), each.node.scopes.at(-3)?.node.id.toLowerCase()]),
    );
    const template: Template = app.synth().getStackByName(settings.stackName).template;
    const zips = Object.entries(template.Resources).flatMap(([logicalId, { Type, Properties }]) => {
      if (Type !== 'AWS::Lambda::Function') {
        return [];
      }
      const name = `${nameOf.get(logicalId)}.zip`;
      const files = join(outdir, `asset.${parse((Properties.Code as Code).S3Key).name}`);
      // `aws cloudformation package` uploads the file at this path.
      Properties.Code = `./${name}`;
      return { name, files };
    });
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, TEMPLATE), `${JSON.stringify(template, null, 1)}\n`);
    for (const { name, files } of zips) {
      writeFileSync(join(folder, name), zipped(files));
    }
    return [TEMPLATE, ...zips.map(({ name }) => name)];
  } finally {
    rmSync(outdir, { recursive: true });
  }
}

interface Template {
  readonly Resources: Readonly<Record<string, { readonly Type: string; readonly Properties: { Code: Code | string } }>>;
}

interface Code {
  readonly S3Key: string;
}

/** Node's zlib differs between versions. The output of this library depends only on its input. */
function zipped(folder: string): Uint8Array {
  const files: Zippable = {};
  for (const name of readdirSync(folder).sort()) {
    // The earliest time that a zip can store, and Unix permissions with which Lambda's user may read the file.
    const options = { mtime: new Date(1980, 0, 1), os: 3, attrs: 0o100644 * 2 ** 16 };
    files[name] = [readFileSync(join(folder, name)), options];
  }
  return zipSync(files, { level: 9 });
}
