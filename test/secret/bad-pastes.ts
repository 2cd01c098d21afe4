import { CANARIES } from '../support/canaries';

/** What somebody pasted, and the one sentence for it, which the log and the answer have. */
export type BadPaste = readonly [name: string, text: string | undefined, sentence: string];

const { secret } = CANARIES;
const rows = (client_id: unknown, client_secret: unknown) => JSON.stringify({ client_id, client_secret });
const ofTeam = (org_id: unknown) => JSON.stringify({ client_id: 'an-id', client_secret: secret, org_id });

const looks = 'it must be a JSON object with the keys "client_id" and "client_secret"';
const notJson = `The secret is not JSON; ${looks}.`;
const noObject = `The secret is JSON, but not an object; ${looks}.`;
const noKey = (row: string) => `The secret has no key "${row}" (spelt exactly like this); ${looks}.`;
const edges = (row: string) => `"${row}" begins or ends with a space or a line break.`;
const odd = (row: string) => `"${row}" contains a space, a line break or a character that is not plain ASCII.`;

const unseen = (row: string) => `"${row}" contains an invisible character, such as a byte order mark.`;

/** Pasted over the live pair. */
export const BAD_PASTES: readonly BadPaste[] = [
  ['as it was deployed', rows('', ''), 'The secret is still empty: paste client_id and client_secret into it.'],
  ['binary', undefined, `The secret is binary; ${looks}, as text.`],
  ['an empty text', '', `The secret has no text; ${looks}.`],
  ['white space', ' \n', `The secret has no text; ${looks}.`],
  ['bare text of 5 characters', secret.slice(0, 5), notJson],
  ['bare text of 20 characters', secret.slice(0, 20), notJson],
  ['bare text of 200 characters', secret.repeat(6).slice(0, 200), notJson],
  ['lines of a form', `client_id=an-id\nclient_secret=${secret}`, notJson],
  ['JSON in curly quotes', `{“client_id”:“an-id”,“client_secret”:“${secret}”}`, notJson],
  ['JSON that is cut off', rows('an-id', secret).slice(0, -2), notJson],
  ['a bare number', '12345', noObject],
  ['a text in quotes', JSON.stringify(secret), noObject],
  ['null', 'null', noObject],
  ['a list', JSON.stringify(['an-id', secret]), noObject],
  ['an empty object', '{}', noKey('client_id')],
  ['the id alone', JSON.stringify({ client_id: 'an-id' }), noKey('client_secret')],
  ['the secret alone', JSON.stringify({ client_secret: secret }), noKey('client_id')],
  ['a row by another spelling', JSON.stringify({ clientId: 'an-id', client_secret: secret }), noKey('client_id')],
  ['the secret as a key', JSON.stringify({ client_id: 'an-id', [secret]: '' }), noKey('client_secret')],
  ['rows inside another', JSON.stringify({ fiskil: JSON.parse(rows('an-id', secret)) }), noKey('client_id')],
  ['rows that only a prototype has', '{"__proto__":{"client_id":"a","client_secret":"b"}}', noKey('client_id')],
  ['a number for an id', rows(12_345_678, secret), '"client_id" is not text.'],
  ['an object for a secret', rows('an-id', { value: secret }), '"client_secret" is not text.'],
  ['null for a secret', rows('an-id', null), '"client_secret" is not text.'],
  ['an empty id', rows('', secret), '"client_id" is empty.'],
  ['an empty secret', rows('an-id', ''), '"client_secret" is empty.'],
  ['a line break at the end', rows('an-id', `${secret}\n`), edges('client_secret')],
  ['a line break at the beginning', rows('an-id', `\r\n${secret}`), edges('client_secret')],
  ['a space at the end', rows('an-id ', secret), edges('client_id')],
  ['a space at the beginning', rows('an-id', ` ${secret}`), edges('client_secret')],
  ['a space that does not break', rows('an-id', `${secret}\u00a0`), edges('client_secret')],
  [
    'curly quotes around a value',
    rows('an-id', `“${secret}”`),
    '"client_secret" contains curly quotes, as a word processor writes them.',
  ],
  ['a line break in the middle', rows('an-id', `${secret}\n${secret}`), odd('client_secret')],
  ['a letter that is not ASCII', rows('an-ïd', secret), odd('client_id')],
  ['a dash that a word processor made', rows('an–id', secret), odd('client_id')],
  ['a byte order mark alone', '\ufeff', `The secret has no text; ${looks}.`],
  ['two byte order marks', `\ufeff\ufeff${rows('an-id', secret)}`, notJson],
  ['a byte order mark before a value', rows('\ufeffan-id', secret), unseen('client_id')],
  ['a space without width inside', rows('an-id', secret.replace(/.{9}/, '$&\u200b')), unseen('client_secret')],
  ['a space inside', rows('an id', secret), odd('client_id')],
  ['a team that is a number', ofTeam(12_345_678), '"org_id" is not text.'],
  ['a team that is null', ofTeam(null), '"org_id" is not text.'],
  ['a team that is an object', ofTeam({ secret }), '"org_id" is not text.'],
  ['a team of blanks', ofTeam('  '), edges('org_id')],
  ['a team with spaces', ofTeam(`${secret} ${secret}`), odd('org_id')],
  [
    'a team of 10 KB',
    ofTeam(secret.repeat(270)),
    '"org_id" is longer than 128 characters, so it is not the id of a team.',
  ],
];
