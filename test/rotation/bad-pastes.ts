import { LIVE, NEXT, secretText } from './rotation-world';

/** What somebody pasted, and the one sentence that the log has for it. */
export type BadPaste = readonly [name: string, text: string | undefined, sentence: string];

const HOW_IT_LOOKS = 'it must be a JSON object with the keys "client_id" and "client_secret"';
const HOW_TO_STAGE =
  'Add the rows next_client_id and next_client_secret with the pair that the Fiskil Console made, save, and press "Rotate secret immediately" again.';

const staged = (rows: Record<string, unknown>) => secretText(LIVE, undefined, rows);
const withId = (id: unknown) => staged({ next_client_id: id, next_client_secret: NEXT.clientSecret });
const withSecret = (secret: unknown) => staged({ next_client_id: NEXT.clientId, next_client_secret: secret });
const live = (rows: Record<string, unknown>) => JSON.stringify(rows);

const NOTHING_STAGED = `Nothing is staged in this secret. ${HOW_TO_STAGE}`;
const NO_ID = `Only next_client_secret is staged: next_client_id is missing or empty. ${HOW_TO_STAGE}`;
const NO_SECRET = `Only next_client_id is staged: next_client_secret is missing or empty. ${HOW_TO_STAGE}`;

/** Refused by both ways. */
const NO_ROWS: readonly BadPaste[] = [
  ['bare text', NEXT.clientSecret, `The secret is not JSON; ${HOW_IT_LOOKS}.`],
  ['JSON with curly quotes', `{“client_id”:“${NEXT.clientId}”}`, `The secret is not JSON; ${HOW_IT_LOOKS}.`],
  ['an array', JSON.stringify([NEXT]), `The secret is JSON, but not an object; ${HOW_IT_LOOKS}.`],
  ['a text in quotes', JSON.stringify(NEXT.clientSecret), `The secret is JSON, but not an object; ${HOW_IT_LOOKS}.`],
  ['a byte order mark alone', '\ufeff', `The secret is an empty text; ${HOW_IT_LOOKS}.`],
  ['two byte order marks', `\ufeff\ufeff${JSON.stringify(LIVE)}`, `The secret is not JSON; ${HOW_IT_LOOKS}.`],
  ['blanks', ' \n', `The secret is an empty text; ${HOW_IT_LOOKS}.`],
  ['bytes', undefined, `The secret is binary; ${HOW_IT_LOOKS}, as text.`],
];

const MARKED = { org_id: 'canary of a team' };

/** The row that says the team. */
const TEAM: readonly (readonly [name: string, row: Record<string, unknown>, sentence: string])[] = [
  ['a team that is a number', { org_id: 12345678 }, '"org_id" is not a text.'],
  ['a team that is null', { org_id: null }, '"org_id" is not a text.'],
  ['a team that is an object', { org_id: MARKED }, '"org_id" is not a text.'],
  ['a team of blanks', { org_id: '  ' }, '"org_id" begins or ends with a space or a line break.'],
  ['a team with spaces', MARKED, '"org_id" holds a space, a line break or a character that is not plain ASCII.'],
  [
    'a team of 10 KB',
    { org_id: 'canary'.repeat(1_700) },
    '"org_id" is longer than 128 characters, so it is no id of a team.',
  ],
];

/** Way A: pasted over the live pair. */
export const BAD_LIVE_PASTES: readonly BadPaste[] = [
  ...NO_ROWS,
  ...TEAM.map(([name, row, sentence]): BadPaste => [name, secretText(LIVE, undefined, row), sentence]),
  [
    'nothing yet',
    live({ client_id: '', client_secret: '' }),
    'The secret is still empty: paste client_id and client_secret into it.',
  ],
  ['an empty value', live({ client_id: LIVE.clientId, client_secret: '' }), '"client_secret" is empty.'],
  [
    'a missing key',
    live({ client_id: LIVE.clientId }),
    `The secret has no key "client_secret" (spelt exactly so); ${HOW_IT_LOOKS}.`,
  ],
  [
    'a misspelt key',
    live({ clientId: LIVE.clientId, client_secret: LIVE.clientSecret }),
    `The secret has no key "client_id" (spelt exactly so); ${HOW_IT_LOOKS}.`,
  ],
  ['a number', live({ client_id: 12345678, client_secret: LIVE.clientSecret }), '"client_id" is not a text.'],
  [
    'a line break at the end',
    live({ client_id: LIVE.clientId, client_secret: `${LIVE.clientSecret}\n` }),
    '"client_secret" begins or ends with a space or a line break.',
  ],
  [
    'curly quotes',
    live({ client_id: LIVE.clientId, client_secret: `“${LIVE.clientSecret}”` }),
    '"client_secret" holds curly quotes, as a word processor makes them.',
  ],
  [
    'a byte order mark in front',
    live({ client_id: `\ufeff${LIVE.clientId}`, client_secret: LIVE.clientSecret }),
    '"client_id" holds a character that nobody sees, such as a byte order mark.',
  ],
  [
    'a space without width inside',
    live({ client_id: LIVE.clientId, client_secret: LIVE.clientSecret.replace(/.{9}/, '$&\u200b') }),
    '"client_secret" holds a character that nobody sees, such as a byte order mark.',
  ],
  [
    'a space inside',
    live({ client_id: 'canary live', client_secret: LIVE.clientSecret }),
    '"client_id" holds a space, a line break or a character that is not plain ASCII.',
  ],
];

/** Way B: staged beside the live pair. */
export const BAD_STAGED_PASTES: readonly BadPaste[] = [
  ...NO_ROWS,
  ...TEAM.map(([name, row, sentence]): BadPaste => [name, secretText(LIVE, NEXT, row), sentence]),
  ['no next_ rows', secretText(LIVE), NOTHING_STAGED],
  ['both rows misspelt', staged({ nextClientId: NEXT.clientId, next_secret: NEXT.clientSecret }), NOTHING_STAGED],
  ['both rows empty', staged({ next_client_id: '', next_client_secret: '' }), NOTHING_STAGED],
  ['only the id', staged({ next_client_id: NEXT.clientId }), NO_SECRET],
  ['only the secret', staged({ next_client_secret: NEXT.clientSecret }), NO_ID],
  ['one row misspelt', staged({ nextclient_id: NEXT.clientId, next_client_secret: NEXT.clientSecret }), NO_ID],
  ['one row empty', withSecret(''), NO_SECRET],
  ['a number', withId(12345678), '"next_client_id" is not a text.'],
  ['null', withSecret(null), '"next_client_secret" is not a text.'],
  [
    'a space at the start',
    withId(` ${NEXT.clientId}`),
    '"next_client_id" begins or ends with a space or a line break.',
  ],
  [
    'a line break at the end',
    withSecret(`${NEXT.clientSecret}\r\n`),
    '"next_client_secret" begins or ends with a space or a line break.',
  ],
  [
    'curly quotes',
    withSecret(`‘${NEXT.clientSecret}’`),
    '"next_client_secret" holds curly quotes, as a word processor makes them.',
  ],
  [
    'a byte order mark in front',
    withSecret(`\ufeff${NEXT.clientSecret}`),
    '"next_client_secret" holds a character that nobody sees, such as a byte order mark.',
  ],
  [
    'a space inside',
    withSecret('canary next'),
    '"next_client_secret" holds a space, a line break or a character that is not plain ASCII.',
  ],
  [
    'the live pair once more',
    secretText(LIVE, LIVE),
    'The staged pair is the one that is live already. Make a new key in the Fiskil Console and stage that one.',
  ],
];
