import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { toAnswer } from '../support/deployment';
import { REGION } from '../support/emulator';
import { Scene, SETUP_MS } from '../support/scene';
import { type Keys, presign, signedFetch } from '../support/signed-request';

describe('only a caller that IAM allows gets a token', () => {
  let scene: Scene;
  let granted: Keys;
  let notGranted: Keys;
  let url: string;

  beforeAll(async () => {
    scene = await Scene.set('Access', ['default', 'other']);
    await scene.deployed.function.stopTicking();
    await scene.configure('default');
    await scene.configure('other');
    granted = await scene.deployed.caller('granted', 'default');
    notGranted = await scene.deployed.caller('not-granted', 'other');
    url = `${scene.deployed.url}tokens/default`;
  }, SETUP_MS);

  afterAll(() => scene?.end());

  const refusals: Record<string, () => Promise<Response>> = {
    'an unsigned request': () => fetch(url),
    'a request signed with a wrong secret key': () =>
      signedFetch(url, { keys: { ...granted, secretAccessKey: 'wrong' }, region: REGION }),
    'a request signed with an unknown key': () =>
      signedFetch(url, { keys: { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'wrong' }, region: REGION }),
    'a request with the session token of another session': () =>
      signedFetch(url, { keys: { ...granted, ...sessionToken(notGranted) }, region: REGION }),
    'a request signed for another region': () => signedFetch(url, { keys: granted, region: 'us-east-1' }),
    'a role that may have another credential only': () => signedFetch(url, { keys: notGranted, region: REGION }),
    'a presigned URL whose path was changed': async () => {
      const signed = await presign(`${scene.deployed.url}tokens/other`, { keys: granted, region: REGION });
      return fetch(signed.replace('tokens/other', 'tokens/default'));
    },
    'a method that is no route': () =>
      signedFetch(url, { keys: granted, region: REGION }, { method: 'PUT', body: '{}' }),
  };

  test.each(Object.keys(refusals))('%s gets 403, and the function does not run', async (name) => {
    const before = await scene.deployed.function.invocations();

    const answer = await refusals[name]?.();

    expect(answer?.status).toBe(403);
    expect(await answer?.text()).not.toContain('"token"');
    expect(await scene.deployed.function.invocations()).toBe(before);
  });

  test('a granted call makes the function run once', async () => {
    const before = await scene.deployed.function.invocations();

    expect((await scene.deployed.call(granted, 'tokens/default')).status).toBe(200);

    expect(await scene.deployed.function.invocations()).toBe(before + 1);
  });

  test('a presigned URL works for whoever has it', async () => {
    const signed = await presign(url, { keys: granted, region: REGION });

    const answer = await toAnswer(await fetch(signed));

    expect(answer.status).toBe(200);
    expect(answer.body.credential).toBe('default');
  });

  test('a presigned URL carries min_ttl', async () => {
    const signed = await presign(`${url}?min_ttl=601`, { keys: granted, region: REGION });

    const answer = await toAnswer(await fetch(signed));

    // 600 is two thirds of the stand-in's 900.
    expect(answer.status).toBe(422);
    expect(answer.body.code).toBe('min_ttl_unattainable');
  });
});

function sessionToken({ sessionToken }: Keys): Pick<Keys, 'sessionToken'> {
  return sessionToken === undefined ? {} : { sessionToken };
}
