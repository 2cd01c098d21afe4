import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { sign } from '../../client/sign';
import { ministackPython } from '../support/toolbox';
import { type Signable, signableRequests } from './signable-requests';

let python: ChildProcess;
let byBotocore: (signable: Signable) => Promise<Record<string, string>>;

beforeAll(() => {
  // The emulator's Python has botocore.
  const child = spawn(ministackPython(), [join(__dirname, 'sign_with_botocore.py')], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const answers = createInterface(child.stdout)[Symbol.asyncIterator]();
  byBotocore = async ({ request, scope, query }) => {
    const { url, body, ...rest } = request;
    const base64 = Buffer.from(body ?? '').toString('base64');
    // Names and values instead of the URL's query, because botocore expects a query to be in canonical form.
    child.stdin.write(`${JSON.stringify({ ...rest, ...scope, url: url.origin + url.pathname, query, base64 })}\n`);
    return JSON.parse(String((await answers.next()).value));
  };
  python = child;
});

afterAll(() => {
  python.stdin?.end();
});

it('any request gets the same signature from botocore', async () => {
  await fc.assert(
    fc.asyncProperty(signableRequests, async (signable) => {
      expect(await sign(signable.request, signable.scope)).toEqual(await byBotocore(signable));
    }),
    { numRuns: 500 },
  );
});
