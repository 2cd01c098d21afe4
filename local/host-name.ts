import { isIPv4 } from 'node:net';

/** Endings that nobody can register, so no web page has such a name. */
const PRIVATE = /\.(internal|local|localhost|test)$/;

export function isLoopback(address: string): boolean {
  return address.startsWith('127.');
}

/** The origin by which this machine reaches a server on this address. */
export function originOf(address: string, port: number): string {
  return `http://${address === '0.0.0.0' ? '127.0.0.1' : address}:${port}`;
}

/** Whether the header `Host` names this server. The signing key is public, so a web page could use it with a host name that points here. The server must
 * refuse such a name.
 * @param onlyHere whether the server listens only on loopback. Otherwise containers and other machines call it too, by an address, a name without a dot,
 * or a private name such as host.docker.internal.
 */
export function mayNameUs(host: string, onlyHere: boolean): boolean {
  const name = host.toLowerCase().replace(/:\d+$/, '');
  if (name === '127.0.0.1' || name === 'localhost') {
    return true;
  }
  return !onlyHere && (isIPv4(name) || /^[a-z0-9_-]+$/.test(name) || PRIVATE.test(name));
}
