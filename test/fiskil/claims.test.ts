import { expect, test } from '@jest/globals';
import { type Claims, claimsOf } from '../../lambda/fiskil/claims';

const base64 = (text: string) => Buffer.from(text).toString('base64url');
const jwt = (claims: unknown) => `head.${base64(JSON.stringify(claims))}.tail`;
const all = { org_id: 'org_1', key_id: 'key_1', scope: 'api:banking api:user.read' };

test.each<[string, string, Claims]>([
  [
    'of a live token',
    jwt({ ...all, exp: 1, jti: 'x' }),
    { orgId: 'org_1', keyId: 'key_1', scopes: ['api:banking', 'api:user.read'] },
  ],
  ['with scopes as a list', jwt({ scope: ['a', 'b'] }), { scopes: ['a', 'b'] }],
  ['with scopes and spaces', jwt({ scope: ' a  b ' }), { scopes: ['a', 'b'] }],
  ['with letters that are not ASCII', jwt({ org_id: 'é' }), { orgId: 'é' }],
  ['with one claim alone', jwt({ key_id: 'key_1' }), { keyId: 'key_1' }],
  ['with a list in which not all are scopes', jwt({ scope: ['a', 7] }), {}],
  ['with a list in which one is empty', jwt({ scope: ['a', ''] }), {}],
  ['with claims of other types', jwt({ org_id: 7, key_id: { id: 'x' }, scope: 7 }), {}],
  ['with an object for the scopes', jwt({ scope: { length: 1, 0: 'a' } }), {}],
  ['with empty claims', jwt({ org_id: '', key_id: '' }), {}],
  ['with a list for a payload', jwt([all]), {}],
  ['with null for a payload', jwt(null), {}],
  ['with a payload that is not JSON', `head.${base64('{')}.tail`, {}],
  ['without a signature', `head.${base64(JSON.stringify(all))}`, {}],
  ['that is no JWT', 'abc', {}],
  ['that is empty', '', {}],
])('the claims of a token %s', (_what, token, claims) => {
  expect(claimsOf(token)).toEqual(claims);
});
