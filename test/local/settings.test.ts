import { describe, expect, test } from '@jest/globals';
import { readSettings } from '../../local/settings';

const PAIR = { FISKIL_CLIENT_ID: 'an-id', FISKIL_CLIENT_SECRET: 'canary-secret' };

describe('the settings of npm start', () => {
  test('are port 4010 and the stand-in unless something else is said', () => {
    expect(readSettings([], {})).toEqual({ help: false, port: 4010 });
    expect(readSettings([], { FISKIL_CLIENT_ID: '', FISKIL_CLIENT_SECRET: '', FISKIL_TOKEN_URL: '' })).toEqual({
      help: false,
      port: 4010,
    });
    expect(readSettings(['--port', '0'], {}).port).toBe(0);
  });

  test('mint at Fiskil itself with a pair', () => {
    expect(readSettings([], PAIR).fiskil).toEqual({
      tokenUrl: 'https://api.fiskil.com/v1/token',
      pair: { clientId: 'an-id', clientSecret: 'canary-secret' },
    });
  });

  test('mint elsewhere with a pair and a URL', () => {
    const url = 'http://127.0.0.1:9/v1/token';
    expect(readSettings([], { ...PAIR, FISKIL_TOKEN_URL: url }).fiskil?.tokenUrl).toBe(url);
  });

  test.each<[string[], Record<string, string>, RegExp]>([
    [['--port', 'abc'], {}, /^--port must be a whole number from 0 to 65535\.$/],
    [['--port', '65536'], {}, /^--port must be/],
    [['--port', ''], {}, /^--port must be/],
    [['--port'], {}, /^Option '--port <value>' argument missing: npm start -- --help shows the options\.$/],
    [['--prot', '1'], {}, /^Unknown option '--prot': /],
    [['4010'], {}, /^Unexpected argument '4010': /],
    [[], { FISKIL_CLIENT_ID: 'an-id' }, /^FISKIL_CLIENT_ID is set without FISKIL_CLIENT_SECRET: /],
    [[], { FISKIL_CLIENT_SECRET: 'canary-secret' }, /^FISKIL_CLIENT_SECRET is set without FISKIL_CLIENT_ID: /],
    [[], { ...PAIR, NODE_USE_ENV_PROXY: '1' }, /^The secret goes to Fiskil by no proxy: /],
    [[], { FISKIL_TOKEN_URL: 'https://fiskil.example/' }, /^FISKIL_TOKEN_URL is set without/],
    [[], { ...PAIR, FISKIL_TOKEN_URL: 'canary-secret' }, /^FISKIL_TOKEN_URL must be a complete URL/],
    [[], { ...PAIR, FISKIL_TOKEN_URL: 'http://fiskil.example/' }, /^FISKIL_TOKEN_URL must begin with https:\/\//],
    [[], { ...PAIR, FISKIL_CLIENT_SECRET: 'canary-secret\n' }, /^"FISKIL_CLIENT_SECRET" begins or ends with a space/],
    [[], { ...PAIR, FISKIL_CLIENT_ID: '“an-id”' }, /^"FISKIL_CLIENT_ID" holds curly quotes/],
  ])('%j %j are refused in one sentence without the secret', (args, env, sentence) => {
    const read = () => readSettings(args, env);
    expect(read).toThrow(sentence);
    expect(read).toThrow(expect.objectContaining({ name: 'ConfigurationError' }));
    expect(read).not.toThrow(/canary-secret/);
  });
});
