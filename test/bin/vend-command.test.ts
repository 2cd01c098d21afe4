import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Aws } from '../../bin/vend-aws';
import { vendCommand } from '../../bin/vend-command';
import { TokenVendingError } from '../../client/errors';
import { GATEWAY_ANSWERS, type GatewayCode, gatewayBody } from '../../lib/gateway-answers';

const TOKEN = 'canary-token';
const CREDENTIALS = { accessKeyId: 'AKIDLOCAL', secretAccessKey: 'canary-secret' };
const BODY = {
  token: TOKEN,
  token_type: 'Bearer',
  expires_in: 731,
  expires_at: '2026-11-25T07:14:00Z',
  client_id: 'an-id',
  credential: 'default',
};

let server: Server;
let url: string;
let requests: IncomingMessage[];
let respond: (response: ServerResponse) => void;
let printed: { stdout: string; stderr: string };
let asked: string[];
let env: Record<string, string>;
let aws: Aws;
beforeEach(async () => {
  requests = [];
  respond = (response) => response.setHeader('x-amzn-RequestId', 'request-1').end(JSON.stringify(BODY));
  server = createServer((request, response) => {
    requests.push(request);
    respond(response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/`;
  printed = { stdout: '', stderr: '' };
  asked = [];
  env = { AWS_REGION: 'ap-southeast-2' };
  aws = {
    credentials: async () => CREDENTIALS,
    profileRegion: async () => undefined,
    parameter: async (name, region) => {
      asked.push(`${name} in ${region}`);
      return url;
    },
  };
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  expect(JSON.stringify(printed)).not.toContain('canary-secret');
});

const vend = (args: string[] = [], signal = new AbortController().signal) =>
  vendCommand(args, {
    aws,
    env,
    stdout: (text) => {
      printed.stdout += text;
    },
    stderr: (text) => {
      printed.stderr += text;
    },
    signal: () => signal,
  });

/** The command's last sentences. */
async function failure(args: string[] = [], signal?: AbortSignal): Promise<string> {
  const error = await vend(args, signal).then(
    () => undefined,
    (thrown: unknown) => thrown as Error,
  );
  expect(error?.name).toBe('ConfigurationError');
  expect(error?.message).not.toMatch(/canary/);
  expect(printed).toEqual({ stdout: '', stderr: '' });
  return error?.message ?? '';
}

const answer = (status: number, body: string, headers: Record<string, string> = {}) => {
  respond = (response) =>
    response
      .writeHead(status, { 'content-type': 'application/problem+json', 'x-amzn-RequestId': 'request-1', ...headers })
      .end(body);
};

describe('npm run vend', () => {
  test('describes the token without showing it', async () => {
    await vend();
    expect(printed).toEqual({
      stdout: [
        'credential: default',
        'client_id: an-id',
        'org_id: not told',
        'key_id: not told',
        'scopes: not told',
        'expires: 2026-11-25T07:14:00Z',
        'seconds left: 731',
        // printf canary-token | sha256sum
        'token sha256: 4b598de5faa6a220…',
        'request id: request-1',
        '',
      ].join('\n'),
      stderr: '',
    });
  });

  const tokenOf = (claims: unknown) => `canary.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.token`;
  const shown = async (claims: unknown) => {
    const token = tokenOf(claims);
    respond = (response) => response.end(JSON.stringify({ ...BODY, token }));
    await vend();
    expect(printed.stdout).not.toContain(token);
    return printed.stdout.split('\n').slice(2, 5);
  };

  test('shows the team, the key and the scopes that the token names', async () => {
    const scope = 'api:banking api:user.read';
    expect(await shown({ org_id: 'org_1', key_id: 'key_1', scope })).toEqual([
      'org_id: org_1',
      'key_id: key_1',
      `scopes: ${scope}`,
    ]);
  });

  test.each([
    ['of another type', { org_id: 7, key_id: {}, scope: [1] }],
    ['empty', { org_id: '', key_id: '', scope: '' }],
    ['not for a terminal', { org_id: '\u001b[2J', key_id: 'two words', scope: ['\u0007', 'x'.repeat(129)] }],
    ['no object', ['org_id']],
    ['nothing', null],
  ])('says so where what the token names is %s', async (_what, claims) => {
    expect(await shown(claims)).toEqual(['org_id: not told', 'key_id: not told', 'scopes: not told']);
  });

  test('prints the token alone on stdout when asked to', async () => {
    await vend(['--print-token']);
    expect(printed.stdout).toBe(`${TOKEN}\n`);
    expect(printed.stderr).toMatch(/^credential: default\n/);
    expect(printed.stderr).not.toContain(TOKEN);
  });

  test('asks for the given credential and life', async () => {
    respond = (response) => response.end(JSON.stringify({ ...BODY, credential: 'energy' }));
    await vend(['--credential', 'energy', '--min-ttl', '60']);
    expect(requests[0]?.url).toBe('/v1/tokens/energy?min_ttl=60');
  });

  test('finds the URL in the SSM parameter of the prefix, in the region of the shell', async () => {
    await vend();
    env = { AWS_DEFAULT_REGION: 'eu-west-1' };
    await vend(['--prefix', 'other']);
    env = {};
    aws = { ...aws, profileRegion: async () => 'us-east-1' };
    await vend();
    expect(asked).toEqual([
      '/fiskil/token-api-url in ap-southeast-2',
      '/other/token-api-url in eu-west-1',
      '/fiskil/token-api-url in us-east-1',
    ]);
    const scopes = requests.map(({ headers }) => /Credential=([^,]+)/.exec(headers.authorization ?? '')?.[1]);
    expect(scopes.map((scope) => scope?.split('/')[2])).toEqual(['ap-southeast-2', 'eu-west-1', 'us-east-1']);
  });

  test('does not ask SSM if the URL is given', async () => {
    await vend(['--url', url]);
    expect([asked, requests.length]).toEqual([[], 1]);
  });

  test('shows its help without a call', async () => {
    await vend(['--help']);
    expect(printed.stdout).toMatch(/^npm run vend -- /);
    expect(requests).toEqual([]);
  });
});

describe('npm run vend says what to do', () => {
  test.each([
    [['--min-ttl', '1.5'], /^--min-ttl must be a whole number of seconds\.$/],
    [['--min-ttl', ''], /^--min-ttl must be/],
    [['--prefix', 'a//b'], /^--prefix must be/],
    [['--colour'], /^Unknown option '--colour': npm run vend -- --help shows the options\.$/],
    [['--url', 'http://example.com/'], /^invalid_option: `url` must be https/],
    [['--url', 'nonsense'], /^invalid_option: `url` is not a URL/],
    [['--credential', 'A B'], /^invalid_option: `credential` .*must be the name of a key pair/],
  ])('about the options %j', async (args, sentence) => {
    expect(await failure(args)).toMatch(sentence);
    expect(requests).toEqual([]);
  });

  test('without a region', async () => {
    env = {};
    expect(await failure()).toMatch(/^No region is set: set AWS_REGION/);
    expect(await failure(['--url', url])).toMatch(/`region`.*AWS_REGION/);
  });

  test('without credentials', async () => {
    aws = { ...aws, credentials: () => Promise.reject(new TokenVendingError('no_credentials', 'none.')) };
    expect(await failure()).toMatch(/^no_credentials: none\.\nWhat to do: sign in \(aws sso login/);
  });

  test.each<[string, number, RegExp]>([
    ['invalid_request', 400, /deploy the stack again/],
    ['unknown_credential', 404, /fiskil:credentials/],
    ['min_ttl_unattainable', 422, /ask for less/],
    ['rejection_too_soon', 429, /half a minute/],
    [
      'credentials_rejected',
      502,
      /the credential's secret \(the stack's outputs SecretName… .*fiskil\/default\).*.*not swapped/,
    ],
    ['invalid_upstream_answer', 502, /fiskil:tokenUrl/],
    [
      'credential_not_configured',
      503,
      /the credential's secret \(the stack's outputs SecretName… .*fiskil\/default\).*.*paste both values/,
    ],
    ['upstream_unavailable', 503, /again in a minute/],
    ['upstream_throttled', 503, /again later/],
    ['secret_unavailable', 503, /the key's policy/],
    ['token_pending', 503, /again in a second/],
    ['internal_error', 500, /request id in the function's log/],
    ['a_code_of_a_later_release', 500, /request id in the function's log/],
  ])('at the code %s of the service', async (code, status, advice) => {
    answer(status, JSON.stringify({ type: 'about:blank', status, code, detail: 'What the service says.' }));
    const message = await failure();
    expect(message).toMatch(new RegExp(`^${code}: What the service says\\.\\nWhat to do: `));
    expect(message).toMatch(advice);
    expect(message).toMatch(/\nRequest id: request-1$/);
  });

  test.each<[GatewayCode, RegExp]>([
    ['access_denied', /execute-api:Invoke[\s\S]*VendPolicyArn/],
    ['signature_invalid', /region ap-southeast-2[\s\S]*get-caller-identity[\s\S]*clock/],
    ['signature_expired', /fresh AWS credentials/],
    ['unsigned_or_unknown_route', /TokenApiUrl, which ends in \/v1\//],
    ['throttled', /fiskil:throttle/],
    ['function_busy', /concurrent executions/],
    ['payload_too_large', /TokenApiUrl/],
    ['gateway_timeout', /run this again/],
    ['gateway_error', /run this again/],
  ])('at the code %s of the gateway', async (code, advice) => {
    answer(GATEWAY_ANSWERS[code].status, gatewayBody(code));
    const message = await failure();
    expect(message).toMatch(new RegExp(`^${code}: [^]+\\nWhat to do: [^]+\\nRequest id: request-1$`));
    expect(message).toMatch(advice);
  });

  test('when to try again', async () => {
    answer(503, JSON.stringify({ code: 'upstream_throttled', detail: 'd' }), { 'Retry-After': '17' });
    expect(await failure()).toMatch(/\nTry again after: 17 s\n/);
  });

  test('when the clock of this machine is wrong', async () => {
    answer(403, gatewayBody('signature_expired'), { date: new Date(Date.now() - 600_000).toUTCString() });
    expect(await failure()).toMatch(/clock is (599|600|601) s ahead of the service's/);
  });

  test.each<[string, () => void]>([
    ['HTML', () => answer(200, '<html>canary</html>')],
    ['a redirect', () => answer(302, '', { location: 'https://elsewhere.example/' })],
    ['another credential', () => answer(200, JSON.stringify({ ...BODY, credential: 'other' }))],
  ])('when something else answers: %s', async (_what, arrange) => {
    arrange();
    expect(await failure()).toMatch(/^invalid_answer: [\s\S]+TokenApiUrl/);
    expect(requests).toHaveLength(1);
  });

  test('when nobody listens', async () => {
    expect(await failure(['--url', 'http://127.0.0.1:1/v1/'])).toMatch(
      /^unreachable: .*ECONNREFUSED[\s\S]*npm start must be running/,
    );
  });

  test('and repeats no value that it was given', async () => {
    const canary = 'canary-value';
    const given = ['--credential', canary, '--prefix', canary, '--url', `${url}${canary}/`];
    for (const [code, status] of [
      ['unknown_credential', 404],
      ['credentials_rejected', 502],
      ['secret_unavailable', 503],
    ] as const) {
      answer(status, JSON.stringify({ type: 'about:blank', status, code, detail: 'What the service says.' }));
      // `failure` looks for the canary.
      expect(await failure(given)).toMatch(code);
    }
    for (const wrong of [`${canary}!`, `{"client_secret":"${canary}"}`]) {
      for (const option of ['--credential', '--prefix', '--url', '--min-ttl']) {
        await failure(['--url', url, option, wrong]);
      }
    }
    const limit = new AbortController();
    respond = () => limit.abort();
    await failure(given, limit.signal);
    env = { AWS_REGION: canary };
    await failure();
  });

  test('when no answer comes', async () => {
    const limit = new AbortController();
    respond = () => limit.abort();
    expect(await failure([], limit.signal)).toMatch(/^timeout: no answer from the token API/);
  });
});
