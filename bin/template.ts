/** `npm run template`: the stack as a folder that the AWS CLI deploys, without CDK and without Node. */
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { context } from '../cdk.json';
import { ConfigurationError } from '../lib/config-values';
import { writeTemplateFolder } from './template-folder';

const USAGE = `npm run template -- [-c key=value]... --output FOLDER

  Writes FOLDER/template.json and the functions' zips. docs/deploy/README.md says how to deploy them.

  -c, --context key=value   a key of the README's configuration, as for npm run deploy; objects as JSON
  -o, --output FOLDER       where to write; the command makes the folder if it does not exist`;

function main(args: readonly string[]): void {
  const { values } = parseArgs({
    args: [...args],
    options: {
      context: { type: 'string', short: 'c', multiple: true, default: [] },
      output: { type: 'string', short: 'o' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help) {
    console.log(USAGE);
    return;
  }
  if (!values.output) {
    throw new UsageError('Say where to write: --output FOLDER.');
  }
  const folder = resolve(values.output);
  const files = writeTemplateFolder({ ...context, ...Object.fromEntries(values.context.map(keyAndValue)) }, folder);
  console.log(`Wrote ${files.join(', ')} to ${folder}.`);
}

class UsageError extends Error {}

function keyAndValue(argument: string): [string, string] {
  const at = argument.indexOf('=');
  // The message does not quote the argument, because somebody will paste a secret there one day.
  if (at < 1) {
    throw new UsageError('-c takes key=value, such as -c fiskil:rotation=false.');
  }
  return [argument.slice(0, at), argument.slice(at + 1)];
}

try {
  main(process.argv.slice(2));
} catch (error) {
  const { code = '', message } = error as NodeJS.ErrnoException;
  const isOfArguments = error instanceof UsageError || code.startsWith('ERR_PARSE_ARGS');
  // For example a folder that cannot be written. The system's message names it.
  if (!isOfArguments && !(error instanceof ConfigurationError) && !/^E[A-Z]+$/.test(code)) {
    throw error;
  }
  console.error(isOfArguments ? `${message}\n\n${USAGE}` : message);
  process.exitCode = 1;
}
