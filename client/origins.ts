/** Whether nobody on the network can read what is sent there: https, or this machine itself. `allowHttp` also allows http to other machines, but never to
 * AWS or Fiskil, because the way there leads through other people's networks.
 */
export function isSafeToSendTo(url: URL, allowHttp: boolean): boolean {
  if (url.protocol !== 'http:') {
    return url.protocol === 'https:';
  }
  return isLoopback(url.hostname) || (allowHttp && !/(^|\.)(amazonaws\.com(\.cn)?|fiskil\.com)\.?$/.test(url.hostname));
}

/** The message for a URL that is not safe. */
export const NOT_SAFE =
  'must be https, or http to this machine; `allowHttp: true` also allows http to another machine, but not to AWS or Fiskil.';

function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(hostname);
}
