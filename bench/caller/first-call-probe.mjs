/** Loads a way to get a token and uses it once, as a function that has just started does. */
import { writeSync } from 'node:fs';

const started = performance.now();
const { getToken } = await import(process.argv[2]);
const loaded = performance.now();
const token = await getToken();
const answered = performance.now();
if (typeof token !== 'string') throw new Error('no token');
writeSync(3, JSON.stringify({ load: loaded - started, both: answered - started }));
process.exit(0);
