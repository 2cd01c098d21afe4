import { describe, expect, test } from '@jest/globals';
import { helpOf, readStartOptions } from '../../local/start-options';

const PAIR = { FISKIL_CLIENT_ID: 'an-id', FISKIL_CLIENT_SECRET: 'canary-secret' };

describe('the settings of npm start', () => {
  test('are port 4010 and the stand-in after it unless something else is said', () => {
    const usual = { help: false, port: 4010, standIn: { port: 4011 } };
    expect(readStartOptions([], {})).toEqual(usual);
    expect(readStartOptions([], { FISKIL_CLIENT_ID: '', FISKIL_CLIENT_SECRET: '', FISKIL_TOKEN_URL: '' })).toEqual(
      usual,
    );
  });

  test.each<[string[], number, number]>([
    [['--port', '5000'], 5000, 5001],
    [['--port', '0'], 0, 0],
    [['--fiskil-port', '7'], 4010, 7],
    [['--port', '0', '--fiskil-port', '0'], 0, 0],
    [['--port', '65535', '--fiskil-port', '1'], 65535, 1],
  ])('%j: ports %d and %d', (args, port, fiskilPort) => {
    expect(readStartOptions(args, {})).toMatchObject({ port, standIn: { port: fiskilPort } });
  });

  test('say how the stand-in behaves', () => {
    const line = '--fail 503 --for 30s --retry-after 5 --latency 250ms --life 2m --revoke 20 --newest-only';
    expect(readStartOptions(line.split(' '), {}).standIn).toEqual({
      port: 4011,
      failure: { status: 503, forMs: 30_000, retryAfter: 5 },
      latencyMs: 250,
      expiresIn: 120,
      revokeAfterMs: 20_000,
      mode: 'newest-only',
    });
  });

  test('listen to the network when asked', () => {
    expect(readStartOptions(['--host', '0.0.0.0'], {}).host).toBe('0.0.0.0');
    expect(readStartOptions(['--host', '127.0.0.1'], PAIR).host).toBe('127.0.0.1');
  });

  test('have a help that names every option', () => {
    const help = helpOf('npm start --');
    for (const option of [
      'port',
      'host',
      'fiskil-port',
      'fail',
      'for',
      'retry-after',
      'latency',
      'life',
      'revoke',
      'newest-only',
    ]) {
      expect(help).toMatch(new RegExp(`^  --${option}\\b`, 'm'));
    }
  });

  test('mint at Fiskil itself with a pair', () => {
    expect(readStartOptions([], PAIR).fiskil).toEqual({
      tokenUrl: 'https://api.fiskil.com/v1/token',
      pair: { clientId: 'an-id', clientSecret: 'canary-secret' },
    });
  });

  test('mint elsewhere with a pair and a URL', () => {
    const url = 'http://127.0.0.1:9/v1/token';
    expect(readStartOptions([], { ...PAIR, FISKIL_TOKEN_URL: url }).fiskil?.tokenUrl).toBe(url);
  });

  test.each<[string[], Record<string, string>, RegExp]>([
    [['--port', 'abc'], {}, /^--port must be a whole number from 0 to 65535\.$/],
    [['--port', '65536'], {}, /^--port must be/],
    [['--port', ''], {}, /^--port must be/],
    [['--port'], {}, /^Option '--port <value>' argument missing: npm start -- --help shows the options\.$/],
    [['--prot', '1'], {}, /^Unknown option '--prot': /],
    [['canary-secret'], {}, /^This command accepts only options: npm start -- --help lists them\.$/],
    [['--port', 'canary-secret'], {}, /^--port must be/],
    [['--port=canary-secret'], {}, /^--port must be/],
    [['--help=canary-secret'], {}, /^Option '--help' does not take an argument: /],
    [['--port', '65535'], {}, /^--port leaves no port after it/],
    [['--port', '1', '--fiskil-port', '1'], {}, /^--fiskil-port must be another port than --port\.$/],
    [['--fiskil-port', 'canary-secret'], {}, /^--fiskil-port must be a whole number from 0 to 65535\.$/],
    [['--host', 'canary-secret'], {}, /^--host must be an IPv4 address of this machine, such as 0\.0\.0\.0\.$/],
    [
      ['--host', '0.0.0.0'],
      PAIR,
      /^--host opens this to the network, where others could get tokens of Fiskil itself: /,
    ],
    [['--fail', 'canary-secret'], {}, /^--fail must be an HTTP status from 400 to 599\.$/],
    [['--for', '30s'], {}, /^--for describes a failure: give --fail too\.$/],
    [['--retry-after', '1'], {}, /^--retry-after describes a failure: give --fail too\.$/],
    [['--fail', '503', '--for', 'canary-secret'], {}, /^--for must be a time such as 500ms, 30s or 2m\.$/],
    [['--latency', 'canary-secret'], {}, /^--latency must be a time/],
    [['--life', 'canary-secret'], {}, /^--life must be a time/],
    [['--revoke', 'now'], {}, /^--revoke must be a time/],
    [['--fail', '503'], PAIR, /^--fail is for the stand-in: unset FISKIL_CLIENT_ID and FISKIL_CLIENT_SECRET/],
    [['--fiskil-port', '1'], PAIR, /^--fiskil-port is for the stand-in/],
    [[], { FISKIL_CLIENT_ID: 'an-id' }, /^FISKIL_CLIENT_ID is set without FISKIL_CLIENT_SECRET: /],
    [[], { FISKIL_CLIENT_SECRET: 'canary-secret' }, /^FISKIL_CLIENT_SECRET is set without FISKIL_CLIENT_ID: /],
    [[], { FISKIL_TOKEN_URL: 'https://fiskil.example/' }, /^FISKIL_TOKEN_URL is set without/],
    [[], { ...PAIR, FISKIL_TOKEN_URL: 'canary-secret' }, /^FISKIL_TOKEN_URL must be a complete URL/],
    [[], { ...PAIR, FISKIL_TOKEN_URL: 'http://fiskil.example/' }, /^FISKIL_TOKEN_URL must begin with https:\/\//],
    [[], { ...PAIR, FISKIL_CLIENT_SECRET: 'canary-secret\n' }, /^"FISKIL_CLIENT_SECRET" begins or ends with a space/],
    [[], { ...PAIR, FISKIL_CLIENT_ID: '“an-id”' }, /^"FISKIL_CLIENT_ID" contains curly quotes/],
  ])('%j %j are refused in one sentence without the secret', (args, env, sentence) => {
    const read = () => readStartOptions(args, env);
    expect(read).toThrow(sentence);
    expect(read).toThrow(expect.objectContaining({ name: 'ConfigurationError' }));
    expect(read).not.toThrow(/canary-secret/);
  });
});
