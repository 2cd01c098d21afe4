import { runCommand } from './command-line';
import { greeting } from './greeting';
import { helpOf, readStartOptions } from './start-options';
import { LOCAL_KEY, startTokenApi } from './token-api';

/** Milliseconds. Short beside a person's patience, long beside the work of looking. */
const LOOK_EVERY = 250;

/**
 * Runs the local token API until a signal ends it.
 * @param command how the person runs this, up to its options: `npm start --`
 */
export function start(command: string, args: readonly string[]): Promise<void> {
  return runCommand(async () => {
    const settings = readStartOptions(args, process.env, `${command} --help`);
    const print = (text: string) => void process.stdout.write(text);
    if (settings.help) {
      return print(helpOf(command));
    }

    const api = await startTokenApi(settings, print);
    const end = async () => {
      await api.stop();
      // A mint in flight would keep the process for its five seconds.
      process.exit(0);
    };
    // Whoever read the first lines, as a test does, may read no more of them.
    process.stdout.on('error', () => {});
    process.once('SIGINT', end);
    process.once('SIGTERM', end);
    if (process.env.npm_command !== undefined) {
      whenParentEnds(end);
    }
    print(greeting(api, LOCAL_KEY, settings, command));
  });
}

/** npm and npx hand SIGTERM to the shell that they run this in. Most shells then end, and tell nobody. */
function whenParentEnds(end: () => void): void {
  const parent = process.ppid;
  const looking = setInterval(() => {
    if (process.ppid === parent) {
      return;
    }
    clearInterval(looking);
    end();
  }, LOOK_EVERY);
}
