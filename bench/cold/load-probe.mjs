/** Loads a function as Lambda's runtime does, then calls it. Arguments: the file; `call` to call it; a control group to be throttled in. */
import { writeFileSync, writeSync } from 'node:fs';

const [file, call, group] = process.argv.slice(2);
// Lambda's runtime has both at hand before it loads a function.
void process.stdout;
void process.stderr;
const event = { httpMethod: 'GET', path: '/tokens/default', requestContext: {} };

const started = performance.now();
const { handler } = await import(file);
const loaded = performance.now();
if (typeof handler !== 'function') throw new Error(`${file} has no handler`);
if (group) writeFileSync(group, String(process.pid));
const called = performance.now();
if (call) {
  const { statusCode } = await handler(event);
  if (statusCode !== 200) throw new Error(`answered ${statusCode}`);
}
const answered = performance.now();
writeSync(3, JSON.stringify({ load: loaded - started, process: loaded, call: answered - called }));
process.exit(0);
