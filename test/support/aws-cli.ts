import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Outputs } from './cdk';
import { REGION, ROOT_KEY } from './emulator';
import { awsCliPython, runFolder } from './toolbox';

const run = promisify(execFile);

/** What somebody has who has the AWS CLI and a shell, and no Node. */
export class AwsCli {
  constructor(
    private readonly endpoint: string,
    /** Where commands run. */
    private readonly folder: string,
  ) {
    // Without an endpoint, or with a wrong one, the CLI would talk to the real AWS.
    if (!endpoint.startsWith('http://127.0.0.1:')) throw new Error(`not the emulator: ${endpoint}`);
  }

  /** Runs a line of shell in which `aws` is the only program. Answers what it printed. */
  async shell(line: string, ...args: readonly string[]): Promise<string> {
    const path = runFolder('aws-cli');
    writeFileSync(join(path, 'aws'), `#!/bin/sh\nexec ${awsCliPython()} -m awscli "$@"\n`, { mode: 0o755 });
    const env = { ...environment(this.endpoint), PATH: path };
    const { stdout } = await run('/bin/sh', ['-c', line, 'sh', ...args], { cwd: this.folder, env });
    return stdout;
  }

  async outputs(stack: string): Promise<Outputs> {
    const text = await this.shell('aws cloudformation describe-stacks --stack-name "$1"', stack);
    const [found] = (JSON.parse(text) as { Stacks: { Outputs: { OutputKey: string; OutputValue: string }[] }[] })
      .Stacks;
    return Object.fromEntries((found?.Outputs ?? []).map(({ OutputKey, OutputValue }) => [OutputKey, OutputValue]));
  }
}

/** What tools of AWS read: the emulator, its owner, and no file of this user. */
export function environment(endpoint: string): Record<string, string> {
  return {
    HOME: runFolder('home'),
    AWS_ENDPOINT_URL: endpoint,
    AWS_ACCESS_KEY_ID: ROOT_KEY.accessKeyId,
    AWS_SECRET_ACCESS_KEY: ROOT_KEY.secretAccessKey,
    AWS_REGION: REGION,
    AWS_DEFAULT_REGION: REGION,
    AWS_CONFIG_FILE: '/dev/null',
    AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
    AWS_EC2_METADATA_DISABLED: 'true',
  };
}
