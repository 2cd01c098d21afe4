import { describe, expect, test } from '@jest/globals';
import { mayNameUs, originOf } from '../../local/host-name';

const HERE = ['127.0.0.1', 'localhost:4010', 'LOCALHOST:4010'];
const FROM_CONTAINERS = [
  'host.docker.internal:4010',
  'host.containers.internal',
  '172.17.0.1:4010',
  'token-api:4010',
  'laptop.local',
];
const OF_WEB_PAGES = ['evil.example', 'localhost.evil.example', '127.0.0.1.evil.example:4010', 'internal.example', ''];

describe('a server on loopback', () => {
  test.each(HERE)('is named by %s', (host) => expect(mayNameUs(host, true)).toBe(true));
  test.each([...FROM_CONTAINERS, ...OF_WEB_PAGES])('is not named by "%s"', (host) =>
    expect(mayNameUs(host, true)).toBe(false),
  );
});

describe('a server that is open to the network', () => {
  test.each([...HERE, ...FROM_CONTAINERS])('is named by %s', (host) => expect(mayNameUs(host, false)).toBe(true));
  test.each(OF_WEB_PAGES)('is not named by "%s", which a web page can have', (host) =>
    expect(mayNameUs(host, false)).toBe(false),
  );
});

test('a server on all addresses is called by loopback, any other by its own', () => {
  expect([originOf('0.0.0.0', 1), originOf('192.168.1.5', 2)]).toEqual(['http://127.0.0.1:1', 'http://192.168.1.5:2']);
});
