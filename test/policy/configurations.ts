/** What people deploy, each of which a reviewer's tools should find nothing in. */
export const CONFIGURATIONS: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  default: {},
  'two credentials and callers of other accounts': {
    'fiskil:credentials': { default: {}, 'sandbox-energy': {} },
    'fiskil:callers': [
      { principal: '444455556666', credentials: ['default'] },
      { principal: 'arn:aws:iam::777788889999:role/reports', credentials: ['default', 'sandbox-energy'] },
    ],
    'fiskil:alarmEmail': 'oncall@example.com',
  },
  'an organization, a role that is cut off, and logs of a year': {
    'fiskil:callers': [{ organization: 'o-a1b2c3d4e5', roles: ['nightly-*'], credentials: ['default'] }],
    'fiskil:denied': ['arn:aws:iam::111122223333:role/team/reports'],
    'fiskil:logRetentionDays': 365,
  },
  private: { 'fiskil:vpcEndpointIds': ['vpce-0123456789abcdef0'], 'fiskil:apiGatewayLogRole': false },
  'keys of its own and named operators': {
    'fiskil:encryption': 'customer-managed',
    'fiskil:secretOperators': ['arn:aws:iam::111122223333:role/team/key-keeper'],
  },
};
