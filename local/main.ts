import { runCommand } from './command-line';
import { greeting } from './greeting';
import { HELP, readSettings } from './settings';
import { LOCAL_KEY, startTokenApi } from './token-api';

runCommand(async () => {
  const settings = readSettings(process.argv.slice(2), process.env);
  const print = (text: string) => void process.stdout.write(text);
  if (settings.help) return print(HELP);

  const api = await startTokenApi(settings, print);
  const end = async () => {
    await api.stop();
    // A mint in flight would keep the process for its five seconds.
    process.exit(0);
  };
  process.once('SIGINT', end);
  process.once('SIGTERM', end);
  print(greeting(api, LOCAL_KEY, settings.fiskil));
});
