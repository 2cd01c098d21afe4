import type { BadPaste } from '../secret/bad-pastes';
import { LIVE, NEXT, secretText } from './rotation-world';

const HOW_IT_LOOKS = 'it must be a JSON object with the keys "client_id" and "client_secret"';
const HOW_TO_STAGE =
  'Add the rows next_client_id and next_client_secret with the pair that the Fiskil Console made, save, and press "Rotate secret immediately" again.';

const staged = (rows: Record<string, unknown>) => secretText(LIVE, undefined, rows);
const withId = (id: unknown) => staged({ next_client_id: id, next_client_secret: NEXT.clientSecret });
const withSecret = (secret: unknown) => staged({ next_client_id: NEXT.clientId, next_client_secret: secret });

const NOTHING_STAGED = `Nothing is staged in this secret. ${HOW_TO_STAGE}`;
const NO_ID = `Only next_client_secret is staged: next_client_id is missing or empty. ${HOW_TO_STAGE}`;
const NO_SECRET = `Only next_client_id is staged: next_client_secret is missing or empty. ${HOW_TO_STAGE}`;

/** Staged beside the live pair. What makes the whole text or the row org_id wrong is told as over the live pair. */
export const BAD_STAGED_PASTES: readonly BadPaste[] = [
  ['bare text', NEXT.clientSecret, `The secret is not JSON; ${HOW_IT_LOOKS}.`],
  ['bytes', undefined, `The secret is binary; ${HOW_IT_LOOKS}, as text.`],
  ['a team that is a number', secretText(LIVE, NEXT, { org_id: 12345678 }), '"org_id" is not text.'],
  ['no next_ rows', secretText(LIVE), NOTHING_STAGED],
  ['both rows misspelt', staged({ nextClientId: NEXT.clientId, next_secret: NEXT.clientSecret }), NOTHING_STAGED],
  ['both rows empty', staged({ next_client_id: '', next_client_secret: '' }), NOTHING_STAGED],
  ['only the id', staged({ next_client_id: NEXT.clientId }), NO_SECRET],
  ['only the secret', staged({ next_client_secret: NEXT.clientSecret }), NO_ID],
  ['one row misspelt', staged({ nextclient_id: NEXT.clientId, next_client_secret: NEXT.clientSecret }), NO_ID],
  ['one row empty', withSecret(''), NO_SECRET],
  ['a number', withId(12345678), '"next_client_id" is not text.'],
  ['null', withSecret(null), '"next_client_secret" is not text.'],
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
    '"next_client_secret" contains curly quotes, as a word processor writes them.',
  ],
  [
    'a byte order mark in front',
    withSecret(`\ufeff${NEXT.clientSecret}`),
    '"next_client_secret" contains an invisible character, such as a byte order mark.',
  ],
  [
    'a space inside',
    withSecret('canary next'),
    '"next_client_secret" contains a space, a line break or a character that is not plain ASCII.',
  ],
  [
    'the live pair once more',
    secretText(LIVE, LIVE),
    'The staged pair is already the live pair. Make a new key in the Fiskil Console and stage that one.',
  ],
];
