import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT, runFolder } from '../../test/support/toolbox';

/** The handler's line that reads the table while the function starts. */
const FIRST_READ = 'await warmUp().catch(() => undefined);';

const SECRETS = /secrets: (new SecretsManagerReader\(new SecretsManagerClient\(.*?\)\), secretIds\)),/;

const LAZY_SECRETS = `secrets: lazily(async () => (await import('./reader')).open(secretIds)),`;
const LAZILY = `
function lazily(open: () => Promise<any>): any {
  let opened: Promise<any> | undefined;
  const reader = () => (opened ??= open());
  return {
    current: async (credential: string) => (await reader()).current(credential),
    version: async (credential: string, version: string) => (await reader()).version(credential, version),
  };
}
`;
const READER = `
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SecretsManagerReader } from '${ROOT}/lambda/aws/secret-reader';
import { clientOptions, SECRETS_MANAGER_TIMEOUTS } from '${ROOT}/lambda/aws/timeouts';
export const open = (secretIds: any) =>
  new SecretsManagerReader(new SecretsManagerClient(clientOptions(SECRETS_MANAGER_TIMEOUTS)), secretIds);
`;

const TELEMETRY = /telemetry: new PowertoolsTelemetry\([\s\S]*?\n {4}\),/;
const SILENT = 'telemetry: { audit() {}, observe() {}, fault() {}, flush() {} },';

/** The function's source with one change. Throws if the source no longer has the text to change. */
export interface Sources {
  /** As deployed. */
  readonly handler: string;
  readonly withoutFirstRead: string;
  /** The first mint imports Secrets Manager's client. */
  readonly lazySecrets: string;
  readonly withoutPowertools: string;
  readonly empty: string;
  readonly limit: string;
  readonly clients: string;
}

export function writeSources(): Sources {
  const folder = runFolder('bench', 'sources');
  const write = (name: string, text: string) => {
    const file = join(folder, name);
    mkdirSync(folder, { recursive: true });
    writeFileSync(file, text);
    return file;
  };
  const original = join(ROOT, 'lambda', 'handler.ts');
  const cold = change(readFileSync(original, 'utf8').replaceAll("from './", `from '${ROOT}/lambda/`), FIRST_READ, '');
  write('reader.ts', READER);
  return {
    handler: original,
    withoutFirstRead: write('without-first-read.ts', cold),
    lazySecrets: write('lazy-secrets.ts', change(cold, SECRETS, LAZY_SECRETS) + LAZILY),
    withoutPowertools: write('without-powertools.ts', change(cold, TELEMETRY, SILENT)),
    empty: write('empty.ts', 'export const handler = async () => ({ statusCode: 200 });'),
    limit: join(__dirname, 'limit.mjs'),
    clients: join(__dirname, 'clients.mjs'),
  };
}

function change(source: string, what: string | RegExp, to: string): string {
  const changed = source.replace(what, to);
  if (changed === source) throw new Error(`lambda/handler.ts has changed: the bench does not find ${what} in it`);
  return changed;
}
