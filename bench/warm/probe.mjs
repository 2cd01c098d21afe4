/** Calls the function, loaded from the file given, beside what it is compared with. Everything in one process, call by call in turn. */
import { writeSync } from 'node:fs';
import { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { clientOptions, DYNAMODB_TIMEOUTS } from '../../lambda/aws/timeouts';

const [file, rounds, calls] = process.argv.slice(2);
const credentials = Object.keys(JSON.parse(process.env.SECRET_IDS));
const { handler } = await import(file);
const event = (credential) => ({ httpMethod: 'GET', path: `/tokens/${credential}`, requestContext: { identity: {} } });
const constant = await handler(event('default'));
const empty = async () => constant;
const client = new DynamoDBClient(clientOptions(DYNAMODB_TIMEOUTS));
const read = (credential) =>
  client.send(
    new GetItemCommand({
      TableName: process.env.TABLE_NAME,
      Key: { credential: { S: credential } },
      ConsistentRead: true,
    }),
  );

const times = { memory: [], empty: [], table: [], read: [] };
async function time(name, operation) {
  const started = performance.now();
  const result = await operation();
  times[name].push(performance.now() - started);
  if (result.statusCode !== 200 && !result.Item) throw new Error(`${name} failed`);
}

let next = 0;
async function round() {
  // The environment's memory is 10 s old at most: this call fills it for the ones that are measured.
  await handler(event('default'));
  for (let n = 0; n < 10 * calls; n++) {
    await time('memory', () => handler(event('default')));
    await time('empty', () => empty(event('default')));
  }
  for (let n = 0; n < calls; n++) {
    // Each vend is this environment's first of its credential, and so not one from memory.
    const credential = credentials[next++];
    const both = [() => time('table', () => handler(event(credential))), () => time('read', () => read(credential))];
    // The table may find an item faster the second time.
    for (const one of n % 2 === 0 ? both : both.reverse()) await one();
  }
}

// What the compiler has not seen yet is measured elsewhere.
for (let n = 0; n < 5; n++) await round();
for (const name of Object.keys(times)) times[name] = [];
for (let n = 0; n < rounds; n++) await round();
writeSync(3, JSON.stringify(times));
process.exit(0);
