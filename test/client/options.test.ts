import { describe, expect, it } from '@jest/globals';
import { createTokenProvider } from '../../client/index';
import { checkOptions, type TokenProviderOptions } from '../../client/options';
import { CREDENTIALS, errorOf, setup, URL_OF_API, vended } from './support';

describe('what is not given', () => {
  it('comes from the environment', () => {
    const settings = checkOptions(
      {},
      { FISKIL_TOKEN_API_URL: 'https://tokens.example.com/a/b', FISKIL_CREDENTIAL: 'sandbox', AWS_REGION: 'eu-west-1' },
    );
    expect(settings.base.href).toBe('https://tokens.example.com/a/b/');
    expect(settings).toMatchObject({ credential: 'sandbox', region: 'eu-west-1' });
  });

  it('has defaults where the environment is empty', () => {
    expect(checkOptions({}, { FISKIL_TOKEN_API_URL: URL_OF_API, FISKIL_CREDENTIAL: '' }).credential).toBe('default');
  });

  it('the region is the API’s and not the caller’s, unless it is given', () => {
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

describe('a wrong option is told at construction, by its name', () => {
  it.each<[string, TokenProviderOptions]>([
    ['`url`', {}],
    ['`url`', { url: '' }],
    ['`url`', { url: 'tokens.example.com' }],
    ['`url`', { url: 'http://tokens.example.com/v1/' }],
    ['`url`', { url: 'http://127.0.0.1.example.com/v1/' }],
    ['`url`', { url: 'ftp://127.0.0.1/' }],
    ['`url`', { url: 'https://user:canary@tokens.example.com/' }],
    ['`url`', { url: 'https://tokens.example.com/?canary=1' }],
    ['`url`', { url: 'https://tokens.example.com/#canary' }],
    ['`region`', { url: 'https://tokens.example.com/' }],
    ['`region`', { url: URL_OF_API, region: 'Sydney' }],
    ['`credential`', { url: URL_OF_API, credential: '../x' }],
    ['`credential`', { url: URL_OF_API, credential: 'Default' }],
    ['`credential`', { url: URL_OF_API, credential: 'a'.repeat(33) }],
    ['`credential`', { url: URL_OF_API, credential: '' }],
  ])('%s of %j', (name, options) => {
    const failing = () => checkOptions(options, {});
    expect(failing).toThrow(expect.objectContaining({ name: 'TokenVendingError', code: 'invalid_option' }));
    expect(failing).toThrow(`invalid_option: ${name}`);
    expect(failing).not.toThrow('canary');
  });
});

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

  it('of a provider are asked for at each request', async () => {
    let asked = 0;
    const { api, tokens } = setup({ credentials: async () => ({ ...CREDENTIALS, accessKeyId: `AKID${++asked}` }) });
    api.script.push(vended('t1', 100), vended('t2', 900));
    await tokens.getToken();
    await tokens.getToken({ minTtl: 200 });
    expect(api.last().headers.get('authorization')).toContain('Credential=AKID2/');
  });

  it('that a provider can’t give are told without its message', async () => {
    const provider = async () => JSON.parse('canary');
    const error = await errorOf(setup({ credentials: provider }).tokens.getToken());
    expect(error).toMatchObject({ code: 'no_credentials', message: expect.stringContaining('SyntaxError') });
    expect((error as Error).message).not.toContain('canary');
  });

  it.each([
    undefined,
    {},
    { accessKeyId: 'a' },
    { accessKeyId: 'a', secretAccessKey: '' },
    { ...CREDENTIALS, secretAccessKey: 'a b' },
    { ...CREDENTIALS, sessionToken: 'abc\n' },
  ])('that are %j are none', async (given) => {
    const { api, tokens } = setup({ credentials: async () => given as typeof CREDENTIALS });
    await expect(tokens.getToken()).rejects.toMatchObject({ code: 'no_credentials' });
    expect(api.sent).toHaveLength(0);
  });
});
