import './start-emulator';

/** Jest's global teardown of the project `e2e`. */
export default async function teardown(): Promise<void> {
  await globalThis.emulator?.stop();
}
