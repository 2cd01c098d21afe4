/** A token from the client's memory beside a value from a Map. Nanoseconds for each, by the round. */
import { writeSync } from 'node:fs';
import { createTokenProvider } from '../../client';

const [rounds, calls] = process.argv.slice(2, 4).map(Number);
const answer = process.argv[4];
const provider = createTokenProvider({
  url: 'https://localhost/v1/',
  fetch: async () => new Response(answer),
});
const map = new Map([['default', await provider.getToken()]]);

let length = 0;
async function time(read) {
  const started = performance.now();
  for (let n = 0; n < calls; n++) length += (await read()).length;
  return ((performance.now() - started) / calls) * 1_000_000;
}
const reads = {
  hit: () => provider.getToken(),
  map: () => map.get('default'),
};
const times = { hit: [], map: [] };
for (const read of Object.values(reads)) await time(read);
for (let round = 0; round < rounds; round++) {
  for (const [name, read] of Object.entries(reads)) times[name].push(await time(read));
}
if (length === 0) throw new Error('nothing was read');
writeSync(3, JSON.stringify(times));
process.exit(0);
