import type { Fault } from '../../local/fiskil-stand-in';
import { CANARIES } from './canaries';
import { httpAnswer } from './raw-server';
import { answer, answerJson, cutShort, endlessBody, halfAnswer, reset, silence } from './stand-in-faults';

const { secret, token } = CANARIES;
/** The canary without what a strict form refuses: a part of it that no form keeps out. */
const plainSecret = secret.replace(/[^A-Za-z0-9]/g, '');

/** Fiskil, saying back what it was sent. */
const echo =
  (status: number): Fault =>
  (_request, response, body) =>
    void response.writeHead(status, { 'x-received': encodeURIComponent(body) }).end(`{"message":"you sent ${body}"}`);

/** Bytes in the place of an answer. */
const bytes =
  (text: string): Fault =>
  (request) =>
    void request.socket.end(text);

/** An error of Fiskil's shape, with the pair's parts in it. */
const error = (id: unknown, name: unknown = id): Fault =>
  answer(401, JSON.stringify({ id, name, message: secret, temporary: false }), {
    'content-type': 'application/vnd.goa.error',
  });

const json = (fields: object) => answerJson({ token, expires_in: 900, ...fields });
const leaky = JSON.stringify({ token, sent: secret });
/** Between the tenth and the twentieth character no sign stands that a strict form refuses for long. */
const stretches = secret.split(/[^A-Za-z0-9]/).filter((part) => part.length >= 6);

/** What Fiskil answers, and no token comes of it. */
export const LIES: readonly (readonly [what: string, fault: Fault])[] = [
  ...[400, 401, 403, 404, 418, 429, 500, 503].map((status) => [`echoes with ${status}`, echo(status)] as const),
  [
    'redirects to a URL with the secret',
    answer(307, '', { location: `http://127.0.0.1:1/?s=${encodeURIComponent(secret)}` }),
  ],
  ['answers a page that quotes it', answer(200, `<html>${secret} ${token}</html>`, { 'content-type': 'text/html' })],
  ['answers JSON that is cut off', answer(200, leaky.slice(0, -3))],
  ['answers a bare token', answer(200, token)],
  ['answers a token and a line break', json({ token: `${token}\n` })],
  ['answers a token that is not ASCII', json({ token: `${token}é` })],
  ['answers two tokens', json({ access_token: `${token}2` })],
  ['answers a token in a list', json({ token: [token] })],
  ['answers no life', json({ expires_in: undefined })],
  ['answers the token for a life', json({ expires_in: token })],
  ['answers too long a life', json({ expires_in: 1e9 })],
  ['answers what is not HTTP', bytes(`${token} ${secret}\r\n\r\n`)],
  ['answers a header that is not one', bytes(`HTTP/1.1 200 OK\r\n${token}\0: ${secret}\r\n\r\n`)],
  ['answers a body that is not compressed', bytes(httpAnswer(200, { 'content-encoding': 'gzip' }, leaky))],
  ['answers a chunk without a size', bytes(`HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n${leaky}`)],
  ['answers with a reason of its own', bytes(`HTTP/1.1 500 ${secret}\r\ncontent-length: 0\r\n\r\n`)],
  ['answers without an end', endlessBody],
  ['stops in the middle', cutShort],
  ['cuts the connection', reset],
  ['says nothing', silence],
  ['begins and says no more', halfAnswer],
  ['refuses with the secret for an id', error(secret)],
  ['refuses with what of it is letters and digits for an id', error(plainSecret)],
  ['refuses with the half of it for an id', error(secret.slice(0, secret.length / 2), secret.slice(secret.length / 2))],
  ...stretches.map((part, n) => [`refuses with stretch ${n} of it in an id`, error(`err_${part}`)] as const),
  ['refuses with it in hex for an id', error(Buffer.from(secret).toString('hex').slice(0, 80))],
  ['refuses with it in base64 for an id', error(Buffer.from(secret).toString('base64url'))],
  ['refuses with an object for an id', error({ secret })],
  ['refuses with a list of it for a name', error('err_1', [secret])],
  ['refuses with a page', answer(403, `<html><title>${secret}</title></html>`, { 'content-type': 'text/html' })],
  ['refuses with 5 MB', answer(503, secret.repeat(140_000))],
];

/** Tokens that say what they should not; they are vended. */
export const LYING_TOKENS: readonly (readonly [what: string, fault: Fault])[] = (
  [
    ['the secret for a scope', { scope: secret }],
    ['scopes among which parts of it are', { scope: [`api:${plainSecret}`, ...stretches, 'api:banking'] }],
    ['it in hex for a scope', { scope: Buffer.from(secret).toString('hex').slice(0, 60) }],
    ['scopes of 20 KB', { scope: Array.from({ length: 40 }, () => secret.repeat(13)).join(' ') }],
    ['the secret for a team', { org_id: secret }],
    ['the secret for a key', { key_id: secret }],
  ] as const
).map(([what, claims]) => {
  // A token that is no trace of itself: only what it says is searched for.
  const payload = Buffer.from(JSON.stringify(claims)).toString('base64url');
  return [what, answerJson({ token: `head.${payload}.tail`, expires_in: 900 })];
});
