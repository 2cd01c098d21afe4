import { bootstrap } from './cdk';
import { type Emulator, startEmulator } from './emulator';

const ENDPOINT = 'TEST_EMULATOR_ENDPOINT';

declare global {
  var emulator: Emulator | undefined;
}

/** Jest's global setup of the project `e2e`: one emulator for all its files, each of which deploys a stack of its own. */
export default async function setup(): Promise<void> {
  const emulator = await startEmulator();
  try {
    await bootstrap(emulator.endpoint);
  } catch (error) {
    // After a setup that failed jest runs no teardown.
    await emulator.stop();
    throw error;
  }
  globalThis.emulator = emulator;
  process.env[ENDPOINT] = emulator.endpoint;
}

/** Where the emulator is that the global setup started. */
export function emulatorEndpoint(): string {
  const endpoint = process.env[ENDPOINT];
  if (endpoint === undefined) throw new Error('no emulator: run this file as a part of the jest project e2e');
  return endpoint;
}
