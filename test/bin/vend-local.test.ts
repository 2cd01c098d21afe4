import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { sdk } from '../../bin/vend-aws';
import { vendCommand } from '../../bin/vend-command';
import { STAND_IN_TEAM } from '../../local/fiskil-stand-in';
import { LOCAL_KEY, type LocalTokenApi, startTokenApi } from '../../local/token-api';

let api: LocalTokenApi;
beforeEach(async () => {
  api = await startTokenApi({ help: false, port: 0 }, () => undefined);
});
afterEach(() => api.stop());

test('with npm start, npm run vend shows the team, the key and the scopes of the token', async () => {
  let printed = '';
  await vendCommand(['--url', api.url], {
    aws: { ...sdk, credentials: async () => LOCAL_KEY },
    env: { AWS_REGION: LOCAL_KEY.region },
    stdout: (text) => {
      printed += text;
    },
    stderr: () => undefined,
    signal: () => new AbortController().signal,
  });
  const [issued] = api.standIn?.mints ?? [];
  const { key_id: keyId } = JSON.parse(Buffer.from(issued?.token.split('.')[1] ?? '', 'base64url').toString());
  expect(printed).toContain(
    `\norg_id: ${STAND_IN_TEAM}\nkey_id: ${keyId}\nscopes: api:banking api:user.read api:user.write\n`,
  );
  expect(printed).not.toContain(issued?.token);
});
