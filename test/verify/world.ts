import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { CreateRoleCommand, IAMClient, PutRolePolicyCommand } from '@aws-sdk/client-iam';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import { sessionKeys } from '../../bin/verify/access';
import type { Row } from '../../bin/verify/check';
import { connect } from '../../bin/verify/clients';
import { verify } from '../../bin/verify/command';
import { readVerifyOptions } from '../../bin/verify/options';
import type { AwsCredentials } from '../../client/credentials';
import { type StandIn, startStandIn } from '../../local/fiskil-stand-in';
import type { IssuedToken } from '../../local/stand-in-tokens';
import { owner } from '../support/aws';
import { assemblyOf } from '../support/cdk';
import { Deployment } from '../support/deployment';
import { ACCOUNT, REGION } from '../support/emulator';
import { emulatorEndpoint } from '../support/start-emulator';
import { ROOT } from '../support/toolbox';
import { AwsFront, type Stubs } from './aws-front';

/** A deployed stack, its Fiskil, a person who may do everything, and the AWS that this person sees. */
export class World {
  /** Everything that was printed so far. */
  printed = '';

  private constructor(
    readonly deployed: Deployment,
    readonly standIn: StandIn,
    readonly front: AwsFront,
    readonly me: AwsCredentials,
  ) {}

  static async make(stack: string, credentials: readonly string[]): Promise<World> {
    const standIn = await startStandIn();
    const context = { 'fiskil:alarmEmail': 'ops@example.com' };
    const deployed = await Deployment.deploy({ stack, tokenUrl: standIn.url, credentials, context });
    for (const credential of credentials) {
      const pair = { clientId: `client-of-${credential}`, clientSecret: `canary-secret-of-${credential}` };
      standIn.accept(pair);
      await deployed.paste(credential, pair);
    }
    const me = await administrator(`${stack}-administrator`);
    return new World(deployed, standIn, await AwsFront.start(emulatorEndpoint()), me);
  }

  async end(): Promise<void> {
    await Promise.all([this.standIn.stop(), this.front.stop()]);
  }

  /** The template that was deployed. */
  get template(): string {
    const { stack } = this.deployed;
    return readFileSync(join(assemblyOf(stack), `${stack}.template.json`), 'utf8');
  }

  /** The name of the session in which the API is called. */
  session = 'me';

  /** The tokens that Fiskil issued for a credential, oldest first. */
  mintsOf(credential: string): readonly IssuedToken[] {
    return this.standIn.mints.filter(({ clientId }) => clientId === `client-of-${credential}`);
  }

  /** What was printed and must not be: a token, the caller's own key, a canary. */
  leaks(): string[] {
    const secrets = [...this.standIn.mints.map(({ token }) => token), this.me.secretAccessKey, 'canary'];
    return secrets.filter((secret) => this.printed.includes(secret));
  }

  /** Runs the checks. @param stubs from the emulator up: those of the APIs that it lacks, then what is broken */
  async run(stubs: readonly Stubs[], ...args: readonly string[]): Promise<{ stdout: string; isFine: boolean }> {
    this.front.stubs = stubs;
    this.session = args.includes('--as-role') ? 'verify' : 'me';
    let stdout = '';
    // Waiting is moved on, and not waited for.
    let waited = 0;
    const before = process.env.AWS_ENDPOINT_URL;
    process.env.AWS_ENDPOINT_URL = this.front.origin;
    try {
      const isFine = await verify(readVerifyOptions([...this.args(this.front.origin), ...args]), {
        shell: { credentials: async () => this.me, profileRegion: async () => undefined },
        env: { AWS_REGION: REGION },
        connect,
        clock: {
          now: () => Date.now() + waited,
          sleep: async (ms) => {
            waited += ms;
          },
        },
        fetch: globalThis.fetch,
        stdout: (text) => {
          stdout += text;
        },
      });
      return { stdout, isFine };
    } finally {
      if (before === undefined) delete process.env.AWS_ENDPOINT_URL;
      else process.env.AWS_ENDPOINT_URL = before;
      this.printed += stdout;
    }
  }

  /** The same, and its rows by id. */
  async rows(stubs: readonly Stubs[], ...args: readonly string[]): Promise<Record<string, Row>> {
    const { stdout } = await this.run(stubs, '--json', ...args);
    const { rows } = JSON.parse(stdout) as { rows: Row[] };
    return Object.fromEntries(rows.map((row) => [row.id, row]));
  }

  /** The command itself, against the emulator without a stub. */
  async command(): Promise<{ status: number; stdout: string }> {
    const { accessKeyId, secretAccessKey, sessionToken = '' } = this.me;
    const tsx = join(ROOT, 'node_modules/tsx/dist/cli.mjs');
    const command = [tsx, 'bin/verify.ts', ...this.args(emulatorEndpoint()), '--json'];
    const env = {
      PATH: process.env.PATH,
      AWS_ENDPOINT_URL: emulatorEndpoint(),
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
      AWS_SESSION_TOKEN: sessionToken,
      AWS_REGION: REGION,
    };
    const result = await promisify(execFile)(process.execPath, command, { cwd: ROOT, env }).then(
      ({ stdout, stderr }) => ({ status: 0, stdout, stderr }),
      (error: { code: number; stdout: string; stderr: string }) => ({ ...error, status: error.code }),
    );
    this.printed += result.stdout + result.stderr;
    return result;
  }

  /** The emulator's data plane has a URL of its own. */
  private args(origin: string): string[] {
    return ['--stack', this.deployed.stack, '--url', this.deployed.url.replace(emulatorEndpoint(), origin)];
  }
}

export function withStatus(rows: Readonly<Record<string, Row>>, status: Row['status']): string[] {
  return Object.values(rows)
    .filter((row) => row.status === status)
    .map(({ id }) => id);
}

async function administrator(RoleName: string): Promise<AwsCredentials> {
  const iam = new IAMClient(owner(emulatorEndpoint()));
  const policy = (statement: object) =>
    JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', ...statement }] });
  const trust = policy({ Principal: { AWS: `arn:aws:iam::${ACCOUNT}:root` }, Action: 'sts:AssumeRole' });
  await iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: trust }));
  const PolicyDocument = policy({ Action: '*', Resource: '*' });
  await iam.send(new PutRolePolicyCommand({ RoleName, PolicyName: 'all', PolicyDocument }));
  const { Credentials } = await new STSClient(owner(emulatorEndpoint())).send(
    new AssumeRoleCommand({ RoleArn: `arn:aws:iam::${ACCOUNT}:role/${RoleName}`, RoleSessionName: 'me' }),
  );
  return sessionKeys(Credentials);
}
