import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { DeleteBucketPolicyCommand, S3Client } from '@aws-sdk/client-s3';
import { ACCOUNT, REGION, ROOT_KEY } from './emulator';
import { failure, startCommand } from './processes';
import { ROOT, runFolder } from './toolbox';

export type Outputs = Readonly<Record<string, string>>;

export interface Deploy {
  readonly stack: string;
  /** As `-c key=value`. */
  readonly context?: Readonly<Record<string, string>>;
  /** Instead of the `app` of cdk.json: a command, or a folder that was synthesised before. */
  readonly app?: string;
  /** Where that command runs. @default the repository's root */
  readonly cwd?: string;
}

/** Where the templates of a deployed stack can be read. */
export function assemblyOf(stack: string): string {
  return runFolder(stack, 'cdk.out');
}

/** `cdk bootstrap`, and what the emulator needs besides. */
export async function bootstrap(endpoint: string): Promise<void> {
  // Away from cdk.json: a bootstrap does not need the app, and would synthesise it.
  await cdk(endpoint, 'bootstrap', ['bootstrap', `aws://${ACCOUNT}/${REGION}`], runFolder());
  // The bucket's policy refuses plain http, and this is plain http.
  const s3 = new S3Client({ endpoint, region: REGION, credentials: ROOT_KEY, forcePathStyle: true });
  await s3.send(new DeleteBucketPolicyCommand({ Bucket: `cdk-hnb659fds-assets-${ACCOUNT}-${REGION}` }));
}

/** The real `cdk deploy`. Answers the stack's outputs. */
export async function deploy(endpoint: string, { stack, context = {}, app, cwd }: Deploy): Promise<Outputs> {
  const outputs = join(dirname(assemblyOf(stack)), 'outputs.json');
  const args = [
    ...['deploy', stack, '--require-approval', 'never', '--outputs-file', outputs],
    ...(app === undefined ? [] : ['--app', app]),
    ...['--output', assemblyOf(stack)],
    ...Object.entries(context).flatMap(([key, value]) => ['-c', `${key}=${value}`]),
  ];
  await cdk(endpoint, stack, args, cwd);
  return JSON.parse(readFileSync(outputs, 'utf8'))[stack] ?? {};
}

/** The real `cdk destroy`, of a stack that was deployed. */
export async function destroy(endpoint: string, stack: string): Promise<void> {
  await cdk(endpoint, stack, ['destroy', stack, '--force', '--app', assemblyOf(stack)]);
}

async function cdk(endpoint: string, name: string, args: readonly string[], cwd = ROOT): Promise<void> {
  // Without an endpoint, or with a wrong one, the CLI would talk to the real AWS.
  if (!endpoint.startsWith('http://127.0.0.1:')) throw new Error(`not the emulator: ${endpoint}`);
  const cli = join(dirname(require.resolve('aws-cdk/package.json')), 'bin', 'cdk');
  const command = startCommand({
    name: `cdk-${name}`,
    command: process.execPath,
    args: [cli, ...args, '--no-notices', '--ci'],
    cwd,
    env: {
      PATH: process.env.PATH,
      HOME: runFolder('home'),
      AWS_ENDPOINT_URL: endpoint,
      AWS_ACCESS_KEY_ID: ROOT_KEY.accessKeyId,
      AWS_SECRET_ACCESS_KEY: ROOT_KEY.secretAccessKey,
      AWS_REGION: REGION,
      AWS_CONFIG_FILE: '/dev/null',
      AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
      AWS_EC2_METADATA_DISABLED: 'true',
      CDK_DISABLE_CLI_TELEMETRY: 'true',
      // test/bin/app.test.ts has the templates checked.
      CDK_VALIDATION: 'false',
      CDK_DISABLE_VERSION_CHECK: 'true',
    },
  });
  const code = await command.ended;
  if (code !== 0) throw failure(`\`cdk ${args[0]}\` of ${name} ended with ${code}`, command);
}
