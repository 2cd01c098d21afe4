/**
 * `npm run test:terraform` applies docs/deploy/terraform to the emulator, vends, plans again and destroys. Wants Terraform and its AWS provider:
 * Terraform downloads the provider, or takes it from a mirror that the file of TF_CLI_CONFIG_FILE names.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startStandIn } from '../../local/fiskil-stand-in';
import { AwsCli, environment } from '../support/aws-cli';
import { Deployment } from '../support/deployment';
import { startEmulator } from '../support/emulator';
import { ROOT } from '../support/toolbox';

const [STACK, BUCKET] = ['Terraformed', 'terraformed-bucket'];
const PAIR = { clientId: 'client-of-default', clientSecret: 'canary-secret' };

async function main(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'terraform-'));
  const fiskil = await startStandIn({ pairs: [PAIR] });
  const emulator = await startEmulator();
  process.env.TEST_EMULATOR_ENDPOINT = emulator.endpoint;
  const { PATH, TF_CLI_CONFIG_FILE } = process.env;
  const terraform = (command: string, ...flags: string[]) => {
    const env = { PATH, ...(TF_CLI_CONFIG_FILE && { TF_CLI_CONFIG_FILE }), ...environment(emulator.endpoint) };
    const { status } = spawnSync('terraform', [command, '-input=false', ...flags], {
      cwd: folder,
      env,
      stdio: 'inherit',
    });
    if (status !== 0) throw new Error(`terraform ${command} ended with ${status ?? 'nothing: is it installed?'}`);
  };
  try {
    cpSync(join(ROOT, 'docs/deploy/terraform'), folder, { recursive: true });
    cpSync(join(__dirname, 'provider_override.tf'), join(folder, 'provider_override.tf'));
    const keys = ['prefix=terraformed', `tokenUrl=${fiskil.url}`, 'rotation=false'].flatMap((key) => [
      '-c',
      `fiskil:${key}`,
    ]);
    execFileSync('npm', ['run', '--silent', 'template', '--', ...keys, '-o', join(folder, 'template')], { cwd: ROOT });
    const aws = new AwsCli(emulator.endpoint, folder);
    await aws.shell(`aws s3 mb s3://${BUCKET}`);

    const variables = [`folder=${join(folder, 'template')}`, `bucket=${BUCKET}`, `stack_name=${STACK}`];
    const given = variables.flatMap((variable) => ['-var', variable]);
    terraform('init');
    terraform('apply', '-auto-approve', ...given);
    const deployed = Deployment.existing(STACK, await aws.outputs(STACK));
    await deployed.paste('default', PAIR);
    const { status, body } = await deployed.call(await deployed.caller('workload', 'default'), 'tokens/default');
    if (status !== 200 || body.token !== fiskil.mints[0]?.token) throw new Error(`The stack answers with ${status}.`);
    // Ends with 2 where it would change something.
    terraform('plan', '-detailed-exitcode', ...given);
    terraform('destroy', '-auto-approve', ...given);
  } finally {
    await emulator.stop();
    await fiskil.stop();
    rmSync(folder, { recursive: true });
  }
}

main().catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});
