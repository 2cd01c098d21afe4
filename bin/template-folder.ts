import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, parse } from 'node:path';
import { App, DefaultStackSynthesizer, type IStackSynthesizer } from 'aws-cdk-lib';
import { CfnFunction } from 'aws-cdk-lib/aws-lambda';
import { type Zippable, zipSync } from 'fflate';
import { configuration } from '../lib/config';
import { TokenVendingStack } from '../lib/token-vending-stack';

export const TEMPLATE = 'template.json';

/**
 * Writes the stack as a folder that `aws cloudformation package` takes: its template, and a zip for each function, which the template
 * names by a path. Needs no AWS account; the same sources and the same context give the same bytes.
 * Returns the names of the files.
 * @throws ConfigurationError for a `fiskil:` key that cannot be used
 */
export function writeTemplateFolder(context: Readonly<Record<string, unknown>>, folder: string): string[] {
  const settings = configuration(context);
  const outdir = mkdtempSync(join(tmpdir(), 'template-'));
  try {
    const app = new App({ context, outdir, analyticsReporting: false });
    // CDK is not compiled as strictly as this is: its class has `undefined` where its interface has nothing.
    const synthesizer = new DefaultStackSynthesizer({ generateBootstrapVersionRule: false }) as IStackSynthesizer;
    const stack = new TokenVendingStack(app, settings.stackName, { configuration: settings, synthesizer });
    // A function is called Function, in a construct that is named for what it does.
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
      // What is a path here, `aws cloudformation package` uploads.
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

/** Node's zlib differs between its versions; this library's output depends on its input alone. */
function zipped(folder: string): Uint8Array {
  const files: Zippable = {};
  for (const name of readdirSync(folder).sort()) {
    // The earliest time that a zip can hold; a file of Unix that Lambda's user may read.
    const options = { mtime: new Date(1980, 0, 1), os: 3, attrs: 0o100644 * 2 ** 16 };
    files[name] = [readFileSync(join(folder, name)), options];
  }
  return zipSync(files, { level: 9 });
}
