import { isIPv4 } from 'node:net';

/** Endings that nobody can register: no web page has such a name. */
const PRIVATE = /\.(internal|local|localhost|test)$/;

export function isLoopback(address: string): boolean {
  return address.startsWith('127.');
}

/** The origin at which this machine itself reaches a server that listens there. */
export function originOf(address: string, port: number): string {
  return `http://${address === '0.0.0.0' ? '127.0.0.1' : address}:${port}`;
}

/**
 * Whether the header `Host` names this server. The signing key is public, so a web page could use it if its own host name
 * were made to point here. Such a name must be refused.
 * @param onlyHere whether the server listens on loopback alone. Otherwise containers and other machines name it too, by
 * an address, a name without a dot, or a private name such as host.docker.internal.
 */
export function mayNameUs(host: string, onlyHere: boolean): boolean {
  const name = host.toLowerCase().replace(/:\d+$/, '');
  if (name === '127.0.0.1' || name === 'localhost') {
    return true;
  }
  return !onlyHere && (isIPv4(name) || /^[a-z0-9_-]+$/.test(name) || PRIVATE.test(name));
}
