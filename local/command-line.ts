import { type ParseArgsConfig, parseArgs } from 'node:util';
import { ConfigurationError, refuse } from '../lib/config-values';

/** Reads only options. @throws ConfigurationError with one sentence */
export function readOptions<const T extends NonNullable<ParseArgsConfig['options']>>(
  args: readonly string[],
  options: T,
  help: string,
) {
  try {
    return parseArgs({ args: [...args], options, strict: true, allowPositionals: false }).values;
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    // Its message quotes the argument, which may be a secret in the wrong place.
    if (code === 'ERR_PARSE_ARGS_UNEXPECTED_POSITIONAL') {
      return refuse(`This command accepts only options: ${help} lists them.`);
    }
    // The first sentence of the message says what is wrong. The others give advice that does not fit here.
    const [sentence] = message.split(/\.\s/);
    return refuse(`${sentence}: ${help} shows the options.`);
  }
}

/** Runs a command: a `ConfigurationError` becomes its sentence on stderr and exit code 1. */
export async function runCommand(command: () => Promise<void>): Promise<void> {
  // The client's connections do not keep a process alive, so the command must.
  const hold = setInterval(() => undefined, 60_000);
  try {
    await command();
  } catch (error) {
    if (!(error instanceof ConfigurationError)) {
      throw error;
    }
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
  } finally {
    clearInterval(hold);
  }
}
