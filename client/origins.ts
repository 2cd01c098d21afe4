/**
 * Whether what is sent there can be read by nobody on the way: https, or this very machine. `allowHttp` lets http to
 * others pass, but never to AWS or Fiskil, who are reached through networks of others.
 */
export function isSafeToSendTo(url: URL, allowHttp: boolean): boolean {
  if (url.protocol !== 'http:') {
    return url.protocol === 'https:';
  }
  return isLoopback(url.hostname) || (allowHttp && !/(^|\.)(amazonaws\.com(\.cn)?|fiskil\.com)\.?$/.test(url.hostname));
}

/** What is wrong with a URL that is not. */
export const NOT_SAFE =
  'must be https, or http to this machine; `allowHttp: true` also allows http to another machine, but not to AWS or Fiskil.';

function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(hostname);
}
