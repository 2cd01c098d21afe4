/** Loaded into the function's process before AWS's runtime client: a clock that the test moves, and what it asks of the inside. */
import { openSync, readdirSync, readSync } from 'node:fs';
import { registerHooks } from 'node:module';

// The part of the client that npm would compile on the spot: two calls that send an answer.
registerHooks({
  resolve: (specifier, context, next) =>
    specifier === './rapid-client.node'
      ? { url: new URL('./rapid-client.mjs', import.meta.url).href, shortCircuit: true }
      : next(specifier, context),
});

// Whoever asks for the time reads what the machine's clock would show; timers go on as they do.
const clock = openSync(process.env.TEST_CLOCK, 'r');
const shown = Buffer.alloc(32);
const Machine = Date;

function shift() {
  return Number(shown.toString('latin1', 0, readSync(clock, shown, 0, shown.length, 0)));
}

globalThis.Date = class extends Machine {
  constructor(...given) {
    if (given.length > 0) super(...given);
    else super(Date.now());
  }

  static now() {
    return Machine.now() + shift();
  }
};

process.on('message', () => {
  globalThis.gc();
  process.send({
    heap: process.memoryUsage().heapUsed,
    files: readdirSync('/dev/fd').length,
    resources: process.getActiveResourcesInfo(),
  });
});
// The process ends when the client does.
process.channel.unref();
