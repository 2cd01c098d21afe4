/** Loads a way to get a token and uses it once, as a function that has just started does. */
import { writeSync } from 'node:fs';

// Not `performance`, which a process that does not use it does not load.
const now = () => Number(process.hrtime.bigint()) / 1e6;

const started = now();
const { getToken } = await import(process.argv[2]);
const loaded = now();
const token = await getToken();
const answered = now();
if (typeof token !== 'string') throw new Error('no token');
writeSync(3, JSON.stringify({ load: loaded - started, both: answered - started }));
process.exit(0);
