import { runCommand } from './command-line';
import { greeting } from './greeting';
import { helpOf, readStartOptions } from './start-options';
import { LOCAL_KEY, startTokenApi } from './token-api';

/** Milliseconds. Short for a person, long compared with the work of one look. */
const LOOK_EVERY = 250;

/**
 * Runs the local token API until a signal ends it.
 * @param command how the person runs this, without the options: `npm start --`
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
      // A mint in flight would keep the process alive for its five seconds.
      process.exit(0);
    };
    // A reader of the first lines, such as a test, may stop reading.
    process.stdout.on('error', () => {});
    process.once('SIGINT', end);
    process.once('SIGTERM', end);
    if (process.env.npm_command !== undefined) {
      whenParentEnds(end);
    }
    print(greeting(api, LOCAL_KEY, settings, command));
  });
}

/** npm and npx send SIGTERM to the shell around this process. Most shells then end without passing it on. */
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
