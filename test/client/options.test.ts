import { describe, expect, it } from '@jest/globals';
import { createFiskilFetch, createTokenProvider } from '../../client/index';
import { checkOptions, type TokenProviderOptions } from '../../client/options';
import { CREDENTIALS, errorOf, setup, URL_OF_API, vended } from './support';

describe('an option that is not given', () => {
  it('comes from the environment', () => {
    const settings = checkOptions(
      {},
      { FISKIL_TOKEN_API_URL: 'https://tokens.example.com/a/b', FISKIL_CREDENTIAL: 'sandbox', AWS_REGION: 'eu-west-1' },
    );
    expect(settings.base.href).toBe('https://tokens.example.com/a/b/');
    expect(settings).toMatchObject({ credential: 'sandbox', region: 'eu-west-1' });
  });

  it('has a default if the environment is empty', () => {
    expect(checkOptions({}, { FISKIL_TOKEN_API_URL: URL_OF_API, FISKIL_CREDENTIAL: '' }).credential).toBe('default');
  });

  it('for the region may come from AWS_DEFAULT_REGION', () => {
    const env = { FISKIL_TOKEN_API_URL: 'https://tokens.example.com/', AWS_DEFAULT_REGION: 'eu-west-1' };
    expect(checkOptions({}, env).region).toBe('eu-west-1');
    expect(checkOptions({}, { ...env, AWS_REGION: 'us-gov-west-1' }).region).toBe('us-gov-west-1');
  });

  it('for the region is the API’s region and not the caller’s', () => {
    const env = { FISKIL_TOKEN_API_URL: URL_OF_API, AWS_REGION: 'us-east-1' };
    expect(checkOptions({}, env).region).toBe('ap-southeast-2');
    expect(checkOptions({ region: 'eu-west-1' }, env).region).toBe('eu-west-1');
  });
});

describe('the path of the URL', () => {
  it.each([
    ['http://127.0.0.1:4566/_aws/execute-api/abc/v1', 'http://127.0.0.1:4566/_aws/execute-api/abc/v1/tokens/default'],
    ['http://[::1]:4010/v1/', 'http://[::1]:4010/v1/tokens/default'],
    ['https://tokens.example.com', 'https://tokens.example.com/tokens/default'],
  ])('%s is kept', async (url, asked) => {
    const { api, tokens } = setup({ url, region: 'eu-west-1' });
    api.script.push(vended('t1'));
    await tokens.getToken();
    expect(api.last().url.href).toBe(asked);
    expect(api.last().redirect).toBe('manual');
  });
});

describe('the error for a wrong option has the option’s name and not its value', () => {
  it.each<[string, TokenProviderOptions]>([
    ['`url`', { url: '' }],
    ['`url`', { url: 'canary.example.com' }],
    ['`url`', { url: 'http://canary.example.com/v1/' }],
    ['`url`', { url: 'http://127.0.0.1.canary.com/v1/' }],
    ['`url`', { url: 'ftp://127.0.0.1/canary' }],
    ['`url`', { url: 'https://user:canary@tokens.example.com/' }],
    ['`url`', { url: 'https://canary.example.com/?canary=1' }],
    ['`url`', { url: 'https://canary.example.com/#canary' }],
    ['`region`', { url: URL_OF_API, region: 'Canary' }],
    ['`region`', { url: URL_OF_API, region: 'canary0secret9key' }],
    ['`credential`', { url: URL_OF_API, credential: '../canary' }],
    ['`credential`', { url: URL_OF_API, credential: '{"client_id":"canary","client_secret":"canary"}' }],
    ['`credential`', { url: URL_OF_API, credential: 'canary'.repeat(6) }],
    ['`credential`', { url: URL_OF_API, credential: '' }],
  ])('%s of %j, at construction', (name, options) => {
    for (const failing of [() => createTokenProvider(options), () => checkOptions(options, {})]) {
      expect(failing).toThrow(expect.objectContaining({ name: 'TokenVendingError', code: 'invalid_option' }));
      expect(failing).toThrow(`invalid_option: ${name}`);
      expect(failing).not.toThrow('canary');
    }
  });

  it.each<[string, Record<string, string>]>([
    ['`url`', {}],
    ['`url`', { FISKIL_TOKEN_API_URL: 'canary' }],
    ['`region`', { FISKIL_TOKEN_API_URL: 'https://tokens.example.com/' }],
    ['`region`', { FISKIL_TOKEN_API_URL: 'https://tokens.example.com/', AWS_REGION: 'canary/Secret+Key' }],
    ['`credential`', { FISKIL_TOKEN_API_URL: URL_OF_API, FISKIL_CREDENTIAL: '{"client_secret":"canary"}' }],
  ])('%s of the environment %j, at the first call', async (name, env) => {
    const error = await withEnvironment(env, async () => {
      const tokens = createTokenProvider({ credentials: CREDENTIALS });
      createFiskilFetch(tokens);
      return errorOf(tokens.getToken());
    });
    expect(error).toMatchObject({ code: 'invalid_option', message: expect.stringContaining(name) });
    expect((error as Error).message).not.toContain('canary');
  });

  it('and an environment that is set after construction is used', async () => {
    const { api } = setup();
    api.script.push(vended('t1'));
    const tokens = createTokenProvider({ credentials: CREDENTIALS, fetch: api.fetch });
    await withEnvironment({}, () => expect(tokens.getToken()).rejects.toMatchObject({ code: 'invalid_option' }));
    const token = await withEnvironment({ FISKIL_TOKEN_API_URL: URL_OF_API }, () => tokens.getToken());
    expect(token).toBe('t1');
  });
});

describe('http to another machine', () => {
  const url = 'http://fiskil-tokens:4010/v1/';

  it('is refused, unless `allowHttp` is true', () => {
    expect(() => checkOptions({ url, region: 'eu-west-1' }, {})).toThrow('`allowHttp: true`');
    expect(checkOptions({ url, region: 'eu-west-1', allowHttp: true }, {}).base.href).toBe(url);
  });

  it.each([
    URL_OF_API.replace('https', 'http'),
    'http://abc.execute-api.cn-north-1.amazonaws.com.cn/v1/',
    'http://AMAZONAWS.com./',
  ])('is refused for %s in any case', (aws) => {
    expect(() => checkOptions({ url: aws, region: 'eu-west-1', allowHttp: true }, {})).toThrow('`url` must be https');
  });
});

/** Runs with these of the client's variables, and no others. */
async function withEnvironment<T>(env: Record<string, string>, run: () => Promise<T>): Promise<T> {
  const before = { ...process.env };
  for (const name of ['FISKIL_TOKEN_API_URL', 'FISKIL_CREDENTIAL', 'AWS_REGION', 'AWS_DEFAULT_REGION']) {
    delete process.env[name];
  }
  Object.assign(process.env, env);
  try {
    return await run();
  } finally {
    for (const name of Object.keys(env)) delete process.env[name];
    Object.assign(process.env, before);
  }
}

describe('credentials', () => {
  const names = ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN'] as const;

  it('are read from the environment for each request', async () => {
    const before = names.map((name) => process.env[name]);
    try {
      const { api } = setup();
      const tokens = createTokenProvider({ url: URL_OF_API, fetch: api.fetch });
      for (const name of names) delete process.env[name];
      const error = await errorOf(tokens.getToken());
      expect(error).toMatchObject({ code: 'no_credentials' });
      expect((error as Error).message).toMatch(/AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not set/);

      Object.assign(process.env, { AWS_ACCESS_KEY_ID: 'AKID1', AWS_SECRET_ACCESS_KEY: 's', AWS_SESSION_TOKEN: 'st' });
      api.script.push(vended('t1'));
      await tokens.getToken();
      expect(api.last().headers.get('authorization')).toContain('Credential=AKID1/');
      expect(api.last().headers.get('x-amz-security-token')).toBe('st');
    } finally {
      names.forEach((name, index) => {
        if (before[index] === undefined) delete process.env[name];
        else process.env[name] = before[index];
      });
    }
  });

  it('of a provider are read at each request', async () => {
    let asked = 0;
    const { api, tokens } = setup({ credentials: async () => ({ ...CREDENTIALS, accessKeyId: `AKID${++asked}` }) });
    api.script.push(vended('t1', 100), vended('t2', 900));
    await tokens.getToken();
    await tokens.getToken({ minTtl: 200 });
    expect(api.last().headers.get('authorization')).toContain('Credential=AKID2/');
  });

  it('missing from a provider give an error without the provider’s message', async () => {
    const provider = async () => JSON.parse('canary');
    const error = await errorOf(setup({ credentials: provider }).tokens.getToken());
    expect(error).toMatchObject({ code: 'no_credentials', message: expect.stringContaining('SyntaxError') });
    expect((error as Error).message).not.toContain('canary');
  });

  it.each(['CredentialsProviderError', 'TokenProviderError'])(
    'missing from the AWS SDK give an error with the message of its %s, and with the error as its cause',
    async (name) => {
      const said = "Token is expired. To refresh this SSO session run 'aws sso login' with the corresponding profile.";
      const cause = Object.assign(new Error(said), { name });
      const error = await errorOf(setup({ credentials: () => Promise.reject(cause) }).tokens.getToken());
      expect(error).toMatchObject({ code: 'no_credentials', message: `no_credentials: ${said}` });
      expect((error as Error).cause).toBe(cause);
    },
  );

  it('missing from a credential process give an error without its command and output', async () => {
    const cause = Object.assign(new Error('Command failed: get-key --secret canary\ncanary'), {
      name: 'CredentialsProviderError',
    });
    const error = await errorOf(setup({ credentials: () => Promise.reject(cause) }).tokens.getToken());
    expect((error as Error).message).not.toContain('canary');
    expect(error).not.toHaveProperty('cause');
  });

  it.each([
    undefined,
    {},
    { accessKeyId: 'a' },
    { accessKeyId: 'a', secretAccessKey: '' },
    { ...CREDENTIALS, secretAccessKey: 'a b' },
    { ...CREDENTIALS, sessionToken: 'abc\n' },
  ])('such as %j are refused', async (given) => {
    const { api, tokens } = setup({ credentials: async () => given as typeof CREDENTIALS });
    await expect(tokens.getToken()).rejects.toMatchObject({ code: 'no_credentials' });
    expect(api.sent).toHaveLength(0);
  });
});
