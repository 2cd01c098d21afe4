import { describe, expect, test } from '@jest/globals';
import type { StandIn } from '../../local/fiskil-stand-in';
import { greeting } from '../../local/greeting';
import { LOCAL_KEY } from '../../local/token-api';

const stop = async () => {};
const api = { url: 'http://127.0.0.1:4010/v1/', stop, standIn: { origin: 'http://127.0.0.1:4011' } as StandIn };
const SETTINGS = { help: false, port: 4010 };

describe('what is printed at the start', () => {
  test('has what a program needs, for either command', () => {
    for (const command of ['npm start --', 'npx fiskil-token-vending start']) {
      const text = greeting(api, LOCAL_KEY, SETTINGS, command);
      expect(text).toMatch(/^export FISKIL_TOKEN_API_URL=http:\/\/127\.0\.0\.1:4010\/v1\/ AWS_ACCESS_KEY_ID=local /m);
      expect(text).toMatch(/^export FISKIL_ORIGIN=http:\/\/127\.0\.0\.1:4011$/m);
      expect(text).toContain(`${command} --help`);
      expect(text).toMatch(/on this machine only/);
      expect(text).not.toMatch(/Warning/);
    }
  });

  test('names no script of a checkout where there is none', () => {
    expect(greeting(api, LOCAL_KEY, SETTINGS, 'npm start --')).toMatch(/npm run vend/);
    expect(greeting(api, LOCAL_KEY, SETTINGS, 'npx fiskil-token-vending start')).not.toMatch(/npm run/);
  });

  test('warns when it is open to the network, and names what the client needs then', () => {
    const text = greeting(api, LOCAL_KEY, { ...SETTINGS, host: '0.0.0.0' }, 'npm start --');
    expect(text).toMatch(/open to the network/);
    expect(text).toMatch(/^Warning: everybody who reaches this machine's ports can get tokens of the stand-in/m);
    expect(text).toMatch(/`allowHttp: true`/);
  });

  test('shows nothing of the pair, nor of a token URL but its origin', () => {
    const pair = { clientId: 'canary-id', clientSecret: 'canary-secret' };
    const fiskil = { tokenUrl: 'https://fiskil.example/canary?canary', pair };
    const text = greeting({ url: api.url, stop }, LOCAL_KEY, { ...SETTINGS, fiskil }, 'npm start --');
    expect(text).toMatch(/https:\/\/fiskil\.example, with the pair of FISKIL_CLIENT_ID/);
    expect(text).not.toMatch(/canary|FISKIL_ORIGIN/);
  });
});
