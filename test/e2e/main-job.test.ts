import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { assemblyOf } from '../support/cdk';
import { Scene } from '../support/scene';

const STACK = 'MainJob';

describe('one deploy gives an endpoint that vends tokens', () => {
  let scene: Scene;

  beforeAll(async () => {
    scene = await Scene.set(STACK, ['default', 'twice', 'stored', 'unpasted', 'refused', 'logged']);
    await scene.deployed.function.stopTicking();
  });

  afterAll(() => scene?.end());

  test('a granted caller gets the documented answer', async () => {
    const { clientId } = await scene.configure('default');

    const answer = await scene.get('default');

    const [mint] = scene.mints('default');
    expect(answer.status).toBe(200);
    expect(answer.body).toEqual({
      token: mint?.token,
      token_type: 'Bearer',
      expires_in: expect.any(Number),
      expires_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
      client_id: clientId,
      credential: 'default',
    });
    expect(Number.isInteger(answer.body.expires_in)).toBe(true);
    const expiresAt = Date.parse(String(answer.body.expires_at));
    // It counts from before the mint was sent: apart by what the mint took, 5 s at most, and a second of rounding.
    expect(Math.abs(expiresAt - (mint?.expiresAt ?? 0))).toBeLessThan(6_000);
    expect(Math.abs(expiresAt - Date.now() - Number(answer.body.expires_in) * 1000)).toBeLessThan(10_000);
    expect(answer.headers.get('content-type')).toBe('application/json');
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect(answer.headers.get('pragma')).toBe('no-cache');
  });

  test('the token opens Fiskil', async () => {
    await scene.configure('default');
    const { body } = await scene.get('default');

    const data = await fetch(`${scene.standIn.origin}/v1/end-users`, {
      headers: { authorization: `Bearer ${body.token}` },
    });

    expect(data.status).toBe(200);
  });

  test('a second call gets the same token, and Fiskil is asked once', async () => {
    await scene.configure('twice');

    const first = await scene.get('twice');
    const second = await scene.get('twice');

    expect(second.body.token).toBe(first.body.token);
    expect(scene.mints('twice')).toHaveLength(1);
  });

  test('the table holds the token, and its TTL is the instant of issue plus what Fiskil said', async () => {
    const { clientId, clientSecret } = await scene.configure('stored');
    scene.standIn.change({ expiresIn: 777 });
    await scene.get('stored').finally(() => scene.standIn.change({ expiresIn: 900 }));

    const record = await scene.deployed.table.record('stored');

    const [mint] = scene.mints('stored');
    expect(record).toMatchObject({ credential: 'stored', token: mint?.token, client_id: clientId });
    const issuedAt = Number(record?.issued_at);
    expect(Math.abs(issuedAt - (mint?.issuedAt ?? 0) / 1000)).toBeLessThan(6);
    expect(record?.expires_at).toBe(issuedAt + 777);
    expect(record?.ttl).toBe(issuedAt + 777);
    expect(record?.secret_version).toEqual(expect.any(String));
    expect(JSON.stringify(record)).not.toContain(clientSecret);
  });

  test('DynamoDB is told to delete by that attribute', () => {
    // In the template: the emulator drops this property.
    const template = JSON.parse(readFileSync(join(assemblyOf(STACK), `${STACK}.template.json`), 'utf8'));
    const resources: { Type: string; Properties: Record<string, unknown> }[] = Object.values(template.Resources);

    const tables = resources.filter(({ Type }) => Type === 'AWS::DynamoDB::Table');

    expect(tables.map(({ Properties }) => Properties.TimeToLiveSpecification)).toEqual([
      { AttributeName: 'ttl', Enabled: true },
    ]);
  });

  test('an empty secret is a clear 503, and the first call after pasting is served', async () => {
    const refused = await scene.get('unpasted');

    expect(refused.status).toBe(503);
    expect(refused.headers.get('content-type')).toBe('application/problem+json');
    expect(refused.headers.get('cache-control')).toBe('no-store');
    expect(refused.body.code).toBe('credential_not_configured');

    await scene.configure('unpasted');

    expect((await scene.get('unpasted')).status).toBe(200);
  });

  test('a credential that is not configured is a 404, even for a caller that is granted it', async () => {
    const keys = await scene.deployed.caller('lost', 'nobody');

    const answer = await scene.deployed.call(keys, 'tokens/nobody');

    expect(answer.status).toBe(404);
    expect(answer.body.code).toBe('unknown_credential');
    expect(answer.headers.get('cache-control')).toBe('no-store');
  });

  test('a pair that Fiskil refuses is a 502 that says what to check', async () => {
    scene.standIn.refuse(await scene.configure('refused'));

    const answer = await scene.get('refused');

    expect(answer.status).toBe(502);
    expect(answer.body.code).toBe('credentials_rejected');
    expect(answer.body.detail).toMatch(/swapped/);
  });

  test('the log says who was given a token, and holds no token and no secret', async () => {
    await scene.configure('logged');
    await scene.get('logged');

    const lines = await scene.deployed.function.logLines();

    const audit = lines.filter((line) => line.includes('"logged"') && line.includes(`${STACK}-workload`));
    expect(audit).toHaveLength(1);
    const log = lines.join('\n');
    expect(log).not.toContain('canary-secret-of');
    for (const { token } of scene.standIn.mints) expect(log).not.toContain(token);
  });
});
