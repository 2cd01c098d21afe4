import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type StandIn, startStandIn } from '../../local/fiskil-stand-in';
import { assumeNewRole } from '../support/callers';
import { deploy, type Outputs } from '../support/cdk';
import { DeployedSecret } from '../support/deployed-secret';
import { ACCOUNT, REGION } from '../support/emulator';
import { signedFetch } from '../support/signed-request';
import { emulatorEndpoint } from '../support/start-emulator';

let standIn: StandIn;
let outputs: Outputs;

beforeAll(async () => {
  standIn = await startStandIn({ pairs: [] });
  const app = { app: 'npx tsx test/e2e/somebodys-app.ts', context: { tokenUrl: standIn.url } };
  outputs = {
    ...(await deploy(emulatorEndpoint(), { stack: 'Platform', ...app })),
    ...(await deploy(emulatorEndpoint(), { stack: 'Neighbour', ...app })),
  };
});

afterAll(() => standIn?.stop());

const apiId = (id: string) => new URL(outputs[`${id}Url`] ?? '').hostname.split('.')[0] ?? '';

test.each([
  ['Banking', 'platform-banking'],
  ['Energy', 'platform-energy'],
  ['Tokens', 'neighbour'],
])(
  '%s, one of two in a stack or of another stack of the app, vends tokens of its own pair alone',
  async (id, prefix) => {
    const pair = { clientId: `client-of-${prefix}`, clientSecret: `canary-secret-of-${prefix}` };
    standIn.accept(pair);
    await new DeployedSecret(emulatorEndpoint(), `${prefix}/default`).edit(
      JSON.stringify({ client_id: pair.clientId, client_secret: pair.clientSecret }),
    );
    const invoke = [`arn:aws:execute-api:${REGION}:${ACCOUNT}:${apiId(id)}/v1/GET/tokens/default`];
    const keys = await assumeNewRole(emulatorEndpoint(), `caller-of-${prefix}`, { invoke });
    const get = async (api: string) => {
      const url = `${emulatorEndpoint()}/_aws/execute-api/${apiId(api)}/v1/tokens/default`;
      return signedFetch(url, { keys, region: REGION });
    };

    const answer = await get(id);
    expect([answer.status, await answer.json()]).toEqual([200, expect.objectContaining({ client_id: pair.clientId })]);

    const others = ['Banking', 'Energy', 'Tokens'].filter((other) => other !== id);
    expect(await Promise.all(others.map(async (other) => (await get(other)).status))).toEqual([403, 403]);
  },
);

test('each of them has an API name of its own, by which CloudWatch tells them apart', () => {
  const names = ['Banking', 'Energy', 'Tokens'].map((id) => outputs[`${id}ApiName`]);
  expect(new Set(names).size).toBe(3);
});
