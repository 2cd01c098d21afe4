import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { toAnswer } from '../support/deployment';
import { REGION } from '../support/emulator';
import { Scene } from '../support/scene';
import { type Keys, presign, type Signing, signedCall, signedFetch } from '../support/signed-request';

describe('only a caller that IAM allows gets a token', () => {
  let scene: Scene;
  let granted: Keys;
  let notGranted: Keys;
  let mayNothing: Keys;
  let url: string;
  let otherUrl: string;
  let rejections: string;

  beforeAll(async () => {
    scene = await Scene.set('Access', ['default', 'other']);
    await scene.deployed.function.stopTicking();
    await scene.configure('default');
    await scene.configure('other');
    granted = await scene.deployed.caller('granted', 'default');
    notGranted = await scene.deployed.caller('not-granted', 'other');
    mayNothing = await scene.deployed.role('may-nothing', {});
    url = `${scene.deployed.url}tokens/default`;
    otherUrl = `${scene.deployed.url}tokens/other`;
    rejections = `${url}/rejections`;
  });

  afterAll(() => scene?.end());

  const right = (): Signing => ({ keys: granted, region: REGION });
  const minutesAgo = (minutes: number) => new Date(Date.now() - minutes * 60_000);
  const rejectionOf = (hash: string) => ({ method: 'POST', body: JSON.stringify({ token_sha256: hash }) });

  // Each has the reason of its refusal, because a refusal for another reason would prove nothing.
  const refusals: Record<string, readonly [because: string, ask: () => Promise<Response>]> = {
    'an unsigned request': ['unsigned_or_unknown_route', () => fetch(url)],
    'a request signed with a wrong secret key': [
      'signature_invalid',
      () => signedFetch(url, { ...right(), keys: { ...granted, secretAccessKey: 'wrong' } }),
    ],
    'a request signed with an unknown key': [
      'gateway_error',
      () => signedFetch(url, { ...right(), keys: { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'wrong' } }),
    ],
    'a request with the session token of another session': [
      'gateway_error',
      () => signedFetch(url, { ...right(), keys: { ...granted, ...sessionToken(notGranted) } }),
    ],
    // The emulator treats this as a call in that region, for which the role has no permission.
    'a request signed for another region': [
      'AccessDeniedException',
      () => signedFetch(url, { ...right(), region: 'us-east-1' }),
    ],
    // The limit is five.
    'a request signed six minutes ago': [
      'signature_invalid',
      () => signedFetch(url, { ...right(), date: minutesAgo(6) }),
    ],
    'a request whose path was changed': [
      'signature_invalid',
      async () => fetch(url, await signedCall(otherUrl, right())),
    ],
    'a request whose query was changed': [
      'signature_invalid',
      async () => fetch(`${url}?min_ttl=61`, await signedCall(`${url}?min_ttl=60`, right())),
    ],
    'a request whose query was taken away': [
      'signature_invalid',
      async () => fetch(url, await signedCall(`${url}?min_ttl=60`, right())),
    ],
    'a rejection whose body was changed': [
      'signature_invalid',
      async () => {
        const signed = await signedCall(rejections, right(), rejectionOf('a'.repeat(64)));
        return fetch(rejections, { ...signed, ...rejectionOf('b'.repeat(64)) });
      },
    ],
    'a role that may have another credential only': [
      'AccessDeniedException',
      () => signedFetch(url, { ...right(), keys: notGranted }),
    ],
    'a role that may have none': ['AccessDeniedException', () => signedFetch(url, { ...right(), keys: mayNothing })],
    'a presigned URL whose path was changed': [
      'signature_invalid',
      async () => fetch((await presign(otherUrl, right())).replace('tokens/other', 'tokens/default')),
    ],
    'a presigned URL whose query was changed': [
      'signature_invalid',
      async () => fetch((await presign(`${url}?min_ttl=60`, right())).replace('min_ttl=60', 'min_ttl=61')),
    ],
    // The emulator ignores X-Amz-Expires and allows five minutes. The local front obeys it (test/local).
    'a presigned URL past its time': [
      'signature_invalid',
      async () => fetch(await presign(url, { ...right(), date: minutesAgo(6) }, 60)),
    ],
    'a method that is no route': [
      'AccessDeniedException',
      () => signedFetch(url, right(), { method: 'PUT', body: '{}' }),
    ],
  };

  test.each(Object.entries(refusals))('%s gets 403, and the function does not run', async (_, [because, ask]) => {
    const before = await scene.deployed.function.invocations();

    const answer = await ask();

    expect([answer.status, await answer.text()]).toEqual([403, expect.stringContaining(`"${because}"`)]);
    expect(await scene.deployed.function.invocations()).toBe(before);
  });

  test('a granted call makes the function run once', async () => {
    const before = await scene.deployed.function.invocations();

    expect((await scene.deployed.call(granted, 'tokens/default')).status).toBe(200);

    expect(await scene.deployed.function.invocations()).toBe(before + 1);
  });

  test('a presigned URL works for anybody who has it', async () => {
    const signed = await presign(url, right());

    const answer = await toAnswer(await fetch(signed));

    expect(answer.status).toBe(200);
    expect(answer.body.credential).toBe('default');
  });

  test('a presigned URL may have min_ttl', async () => {
    const signed = await presign(`${url}?min_ttl=601`, right());

    const answer = await toAnswer(await fetch(signed));

    // 600 is two thirds of the stand-in's 900.
    expect(answer.status).toBe(422);
    expect(answer.body.code).toBe('min_ttl_unattainable');
  });
});

function sessionToken({ sessionToken }: Keys): Pick<Keys, 'sessionToken'> {
  return sessionToken === undefined ? {} : { sessionToken };
}
