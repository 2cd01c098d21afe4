import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import {
  builtClient,
  type Command,
  curl,
  go,
  inProject,
  java,
  type Missing,
  NO_PYTHON,
  node,
  orMissing,
  project,
  venv,
} from './toolchains';

/** How a signer is told what to do. A program that carries the token to Fiskil by itself has no dialect. */
export interface Dialect {
  /** Arguments for a token with at least a minute of life left. */
  get(credential: string): string[];
  /** Arguments for another token than this one. */
  reject?(credential: string, token: string): string[];
  /** Arguments for a call that the API knows to be wrong, if it takes the signature for right. */
  oddQuery?(credential: string): string[];
}

/** A file of docs/callers. */
export interface Signer {
  readonly name: string;
  /** What it calls where there are several. */
  readonly credential: string;
  readonly dialect?: Dialect;
  /** Being made. */
  readonly command: Promise<Command | Missing>;
}

/** `METHOD PATH [BODY]`. */
const REQUESTS: Dialect = {
  get: (credential) => ['GET', `tokens/${credential}?min_ttl=60`],
  reject: (credential, token) => {
    const hash = createHash('sha256').update(token).digest('hex');
    return ['POST', `tokens/${credential}/rejections`, JSON.stringify({ token_sha256: hash })];
  },
  oddQuery: (credential) => ['GET', `tokens/${credential}?min_ttl=60&a=b%20c`],
};

/** Begins to make what must be made, in `scratch`. @param python one to make another with, if there is any */
export function prepareSigners(scratch: string, python: string | undefined): Signer[] {
  const copied = join(scratch, 'python');
  const ownPython = python === undefined ? undefined : venv(python, copied);
  const inPython = async (file: string) =>
    ownPython === undefined ? NO_PYTHON : [await ownPython, join(copied, file)];
  const signer = (name: string, command: Promise<Command | Missing>, dialect = REQUESTS): Signer => ({
    name,
    credential: name,
    dialect,
    command: orMissing(command),
  });
  const program = (name: string, command: Promise<Command | Missing>): Signer => ({
    name,
    credential: name,
    command: orMissing(command),
  });
  const installed = project();
  return [
    signer('client', builtClient(), { get: () => [], reject: (_credential, token) => [token] }),
    signer('aws4', node('aws4.mjs')),
    signer('aws4fetch', node('aws4fetch.mjs')),
    signer('signature-v4', node('signature-v4.mjs')),
    { ...signer('curl', curl(), { get: () => [] }), credential: 'default' },
    signer('botocore', inPython('with_botocore.py')),
    signer('requests-aws4auth', inPython('with_requests_aws4auth.py')),
    program('requests', inPython('list_end_users.py')),
    program('httpx', inPython('list_with_asyncio.py')),
    program('axios', inProject(installed, 'with-axios.ts')),
    program('got', inProject(installed, 'with-got.ts')),
    program('lambda', inProject(installed, 'lambda.ts', 'lambda/list-end-users.ts')),
    program('fargate', inProject(installed, 'list-end-users.ts')),
    signer('go', go(join(scratch, 'go'))),
    signer('java', java(join(scratch, 'java'))),
  ];
}

export interface Ended {
  readonly ok: boolean;
  readonly output: string;
}

export function call(command: Command, env: NodeJS.ProcessEnv, args: readonly string[]): Promise<Ended> {
  const [program = '', ...first] = command;
  return new Promise((resolve) => {
    const options = { env: { PATH: process.env.PATH, ...env }, timeout: 60_000 };
    execFile(program, [...first, ...args], options, (error, stdout, stderr) =>
      resolve({ ok: error === null, output: stdout + stderr }),
    );
  });
}
