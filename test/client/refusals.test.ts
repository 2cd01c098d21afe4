import { describe, expect, it } from '@jest/globals';
import type { TokenProviderOptions } from '../../client/options';
import { broken, errorOf, problem, setup, vended } from './support';

async function refused(answer: Response | Error, options: TokenProviderOptions = {}): Promise<Error> {
  const { api, clock, tokens } = setup(options);
  const again = () => (answer instanceof Error ? answer : answer.clone());
  for (let n = 0; n < 100; n++) api.script.push(again());
  const failure = errorOf(tokens.getToken());
  await clock.advance(30_000);
  return (await failure) as Error;
}

const API = 'https://abc123.execute-api.ap-southeast-2.amazonaws.com/v1/';

describe('an error', () => {
  it('has the service’s code, status, seconds to wait, request id and public detail', async () => {
    const error = await refused(
      problem(502, 'credentials_rejected', { 'x-amzn-requestid': '3f6c-77', 'retry-after': '60' }),
    );
    expect(error).toMatchObject({
      name: 'TokenVendingError',
      code: 'credentials_rejected',
      status: 502,
      retryAfter: 60,
      requestId: '3f6c-77',
      message: 'credentials_rejected: detail of credentials_rejected',
    });
    expect(error).not.toHaveProperty('cause');
  });

  it('ignores a Retry-After that is not whole seconds, and a request id that is not an id', async () => {
    const error = await refused(problem(502, 'internal_error', { 'retry-after': 'soon', 'x-amzn-requestid': 'a b' }));
    expect(error).not.toHaveProperty('retryAfter');
    expect(error).not.toHaveProperty('requestId');
  });

  it('has the system’s code if no answer came', async () => {
    expect(await refused(broken('ENOTFOUND'))).toMatchObject({
      code: 'unreachable',
      message:
        'unreachable: no answer from the token API at https://abc123.execute-api.ap-southeast-2.amazonaws.com (ENOTFOUND).',
    });
  });

  it.each([400, 301, 404])(
    '%i from something else than the token API asks whether the URL is right',
    async (status) => {
      const error = await refused(new Response('<html>canary</html>', { status }));
      expect(error).toMatchObject({ code: 'invalid_answer', status });
      expect(error.message).toContain('`url`');
      expect(error.message).not.toContain('canary');
    },
  );

  it.each([
    [429, 'throttled', 'the API gets more requests than its throttle, or a firewall in front of it, allows'],
    [500, 'gateway_error', 'answered 500 and gave no reason'],
    [502, 'gateway_error', 'answered 502 and gave no reason'],
    [504, 'gateway_timeout', 'answered 504 and gave no reason'],
  ])('for a bare %i has its own code and sentence', async (status, code, words) => {
    const error = await refused(new Response('<html>canary</html>', { status }));
    expect(error).toMatchObject({ code, status, retryable: true });
    expect(error.message).toContain(words);
    expect(error.message).not.toMatch(/url|canary/);
  });
});

describe('a 403', () => {
  it.each([
    [API, {}, 'arn:aws:execute-api:ap-southeast-2:*:abc123/v1/GET/tokens/default'],
    [
      API.replace('abc123', 'abc123-vpce-0a1b'),
      {},
      'arn:aws:execute-api:ap-southeast-2:*:abc123/v1/GET/tokens/default',
    ],
    [
      API.replace('ap-southeast-2', 'us-gov-west-1'),
      { credential: 'sandbox-energy' },
      'arn:aws-us-gov:execute-api:us-gov-west-1:*:abc123/v1/GET/tokens/sandbox-energy',
    ],
    [
      'https://abc123.execute-api.cn-north-1.amazonaws.com.cn/prod/',
      {},
      'arn:aws-cn:execute-api:cn-north-1:*:abc123/prod/GET/tokens/default',
    ],
    [
      'https://tokens.example.com/x/',
      { region: 'eu-west-1' },
      'arn:aws:execute-api:eu-west-1:*:*/*/GET/tokens/default',
    ],
  ])('of %s names the missing permission and its resource', async (url, options, arn) => {
    const error = await refused(problem(403, 'access_denied'), { url, ...options });
    expect(error).toMatchObject({ code: 'access_denied', status: 403 });
    expect(error.message).toContain(`execute-api:Invoke on ${arn},`);
  });

  it('names them for a rejection too', async () => {
    const { api, tokens } = setup();
    api.script.push(problem(403, 'access_denied'));
    await expect(tokens.reject('t1')).rejects.toThrow('abc123/v1/POST/tokens/default/rejections,');
  });

  it('without our shape counts as a missing permission, and the error does not have its text', async () => {
    const error = await refused(new Response('{"message":"canary x-amz-security-token"}', { status: 403 }));
    expect(error).toMatchObject({ code: 'access_denied' });
    expect(error.message).toContain('execute-api:Invoke');
    expect(error.message).not.toContain('canary');
  });

  it.each([
    ['signature_invalid', 'AWS credentials are not valid, or not for region ap-southeast-2'],
    ['signature_expired', 'the AWS credentials have expired'],
    ['unsigned_or_unknown_route', "is `url` the stack's output TokenApiUrl?"],
  ])('%s says what to check', async (code, words) => {
    expect((await refused(problem(403, code))).message).toContain(words);
  });

  // The test's clock says 07:00:00.
  it.each([
    ['Wed, 25 Nov 2026 06:50:00 GMT', "This machine's clock is 600 s ahead of the service's"],
    ['Wed, 25 Nov 2026 08:00:00 GMT', "This machine's clock is 3600 s behind the service's"],
  ])('when the service’s time is %s says how wrong this clock is', async (date, words) => {
    expect((await refused(problem(403, 'signature_expired', { date }))).message).toContain(words);
  });

  it.each(['Wed, 25 Nov 2026 07:01:00 GMT', 'never'])(
    'when the service’s time is %s does not blame the clock',
    async (date) => {
      expect((await refused(problem(403, 'signature_expired', { date }))).message).not.toContain('clock');
    },
  );
});

describe('a 200 is refused', () => {
  it.each([
    ['no JSON', new Response('canary-token')],
    ['no object', Response.json('canary-token')],
    ['null', Response.json(null)],
    ['`token`', vended('t1', 900, { token: undefined })],
    ['`token`', vended('t1', 900, { token: 'canary-token\nx: y' })],
    ['`token`', vended('t1', 900, { token: 'canary-tokén' })],
    ['`token`', vended('t1', 900, { token: '' })],
    ['`expires_in`', vended('t1', 900, { expires_in: '900' })],
    ['`expires_in`', vended('t1', 900, { expires_in: -1 })],
    ['`expires_in`', vended('t1', 900, { expires_in: 1e9 })],
    ['`expires_at`', vended('t1', 900, { expires_at: 'soon' })],
    ['`expires_at`', vended('t1', 900, { expires_at: 1 })],
    ['`client_id`', vended('t1', 900, { client_id: 7 })],
    ['`credential`', vended('t1', 900, { credential: 'other' })],
  ])('for a fault in its body: %s', async (field, answer) => {
    const error = await refused(answer);
    expect(error).toMatchObject({ code: 'invalid_answer', status: 200 });
    expect(error.message).not.toContain('canary');
    if (field.startsWith('`')) expect(error.message).toContain(field);
  });

  it('for more than 64 KB', async () => {
    expect(await refused(new Response('x'.repeat(64 * 1024 + 1)))).toMatchObject({
      code: 'invalid_answer',
      message: expect.stringContaining('64 KB'),
    });
  });
});
