import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { Token } from 'aws-cdk-lib';
import type { Template } from 'aws-cdk-lib/assertions';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { complete } from '../../lambda/secret-ids';
import { TokenVending } from '../../lib';
import { configuration, DEFAULTS } from '../../lib/config';
import { ConfigurationError } from '../../lib/config-values';
import { MOST_CREDENTIALS } from '../../lib/credentials';
import { apiPolicyLength, environmentBytes } from '../../lib/limits';
import { givenBy } from '../../lib/target';
import { isPolicyOf, resources, rotationFunction, theOnly, vendFunction } from '../support/resources';
import { synthesised, testStack } from './synth';

/** So many credentials, `width` characters in each name. */
const many = (count: number, width = 8) =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`c${index}`.padEnd(width, 'x'), {}]));

const HEAD = 'arn:aws:secretsmanager:ap-southeast-2:111122223333:secret:';
const arnOf = (name: string) => `${HEAD}fiskil/${name}-AbC123`;

/** As after a destroy: the same names, whose secrets are there already. */
const adoptedAs = (credentials: object) =>
  Object.fromEntries(Object.keys(credentials).map((name) => [name, { secretArn: arnOf(name) }]));

const adopted = (count: number) =>
  Object.fromEntries(
    Array.from({ length: count }, (_, index) => [
      `c${index}`,
      { secretArn: `arn:aws:secretsmanager:ap-southeast-2:111122223333:secret:team/fiskil/credential-${index}-AbC123` },
    ]),
  );

/** Everything that takes room. */
const WHOLE = {
  'fiskil:secretOperators': ['arn:aws:iam::111122223333:role/team/key-keeper'],
  'fiskil:encryption': 'customer-managed',
  'fiskil:alarmEmail': 'oncall@example.com',
  'fiskil:denied': ['arn:aws:iam::111122223333:role/team/reports'],
};

/** The variables of the function that vends. */
const variables = (template: Template): Record<string, unknown> =>
  vendFunction(template).Properties.Environment.Variables;

describe('as many credentials as one stack takes', () => {
  const template = synthesised({ ...WHOLE, 'fiskil:credentials': many(MOST_CREDENTIALS) });
  const { Resources, Outputs } = template.toJSON();

  test('fit into a template, with everything that can be configured: resources, outputs and bytes', () => {
    expect(Object.keys(Resources).length).toBeLessThanOrEqual(500);
    expect(Object.keys(Outputs).length).toBeLessThanOrEqual(200);
    expect(JSON.stringify(template.toJSON()).length).toBeLessThan(1_000_000);
  });

  test('each tell the name of their secret; of the last policies, for which 200 outputs leave no room, the resources do', () => {
    const named = (part: string) => Object.keys(Outputs).filter((name) => name.startsWith(part)).length;
    expect([named('SecretName'), named('VendPolicyArn')]).toEqual([MOST_CREDENTIALS, 200 - 4 - MOST_CREDENTIALS]);
  });

  test('fit into the policies of the roles, each of which has ten at most', () => {
    const sizeOf = (type: string) =>
      Object.values(template.findResources(type)).map(
        ({ Properties }) => JSON.stringify(Properties.PolicyDocument).length,
      );
    expect(Math.max(...sizeOf('AWS::IAM::Policy'))).toBeLessThanOrEqual(10_240);
    expect(Math.max(...sizeOf('AWS::IAM::ManagedPolicy'))).toBeLessThanOrEqual(6_144);
    const managed = resources(template, 'AWS::IAM::ManagedPolicy');
    for (const lambda of [vendFunction(template), rotationFunction(template)]) {
      expect(managed.filter(isPolicyOf(lambda)).length).toBeLessThanOrEqual(10);
    }
  });

  test('and one more is refused, with the number that fits', () => {
    const sentence = `fiskil:credentials has ${MOST_CREDENTIALS + 1} names, but a stack has at most ${MOST_CREDENTIALS}: put the others into another stack, with its own stackName and prefix.`;
    expect(() => configuration({ 'fiskil:credentials': many(MOST_CREDENTIALS + 1) })).toThrow(
      new ConfigurationError(sentence),
    );
  });
});

describe("the function's environment", () => {
  test('is reckoned as the function has it, with the longest name that a table can have', () => {
    const context = {
      'fiskil:credentials': { ...adopted(3), own: {} },
      'fiskil:tokenUrl': 'https://example.com/token',
    };
    const set = { ...variables(synthesised(context)), TABLE_NAME: 'x'.repeat(255) };
    expect(environmentBytes(givenBy(configuration(context), ''))).toBe(Object.entries(set).flat().join('').length);
  });

  test.each<[string, object]>([
    ['100 adopted secrets of names other than theirs', adopted(100)],
    ['100 names of 32 characters', many(100, 32)],
  ])('is refused where it is more than Lambda takes: %s', (_what, credentials) => {
    expect(() => synthesised({ 'fiskil:credentials': credentials })).toThrow(
      /^fiskil:credentials needs an environment of up to \d+ bytes, but a function has 4096\. Put some/,
    );
  });

  test('is refused in a stack of one’s own too', () => {
    const stack = testStack();
    const credentials = Object.fromEntries(
      Object.keys(many(100, 32)).map((name) => [
        name,
        { secret: Secret.fromSecretCompleteArn(stack, name, arnOf(name)) },
      ]),
    );
    expect(() => new TokenVending(stack, 'Fiskil', { credentials })).toThrow(/^credentials needs an environment/);
  });

  test('tells the plain ids where they fit, and says them in fewer characters where they do not', () => {
    const told = (credentials: object) =>
      JSON.parse(String(variables(synthesised({ 'fiskil:credentials': credentials })).SECRET_IDS));
    expect(told(adopted(25)).c24).toBe(`${HEAD}team/fiskil/credential-24-AbC123`);
    const [made, kept] = [many(100, 30), adoptedAs(many(100, 20))];
    expect(complete(told(made))).toEqual(Object.fromEntries(Object.keys(made).map((name) => [name, `fiskil/${name}`])));
    expect(complete(told(kept))).toEqual(Object.fromEntries(Object.keys(kept).map((name) => [name, arnOf(name)])));
  });
});

describe("the API's policy", () => {
  const ENDPOINT = { 'fiskil:vpcEndpointIds': ['vpce-0123456789abcdef0'] };
  const callers = (count: number) =>
    Array.from({ length: count }, (_, index) => ({
      principal: String(111111111111 + index),
      credentials: ['default'],
    }));

  test('is reckoned as API Gateway keeps it', () => {
    const context = { ...ENDPOINT, 'fiskil:callers': callers(2) };
    const { Policy } = theOnly(synthesised(context), 'AWS::ApiGateway::RestApi').Properties;
    const kept = JSON.stringify(Policy).replaceAll(
      'execute-api:/',
      'arn:aws:execute-api:ap-southeast-2:111122223333:abcde12345/',
    );
    expect(apiPolicyLength(givenBy(configuration(context), ''), testStack())).toBe(kept.length);
  });

  test('takes 24 credentials of a private API, and 20 callers', () => {
    synthesised({ ...ENDPOINT, 'fiskil:credentials': many(24, 12) });
    synthesised({ 'fiskil:callers': callers(20) });
  });

  test.each<[string, Record<string, unknown>]>([
    ['a private API of many credentials', { ...ENDPOINT, 'fiskil:credentials': many(40, 32) }],
    ['many callers', { 'fiskil:callers': callers(40) }],
  ])('is refused where it is more than API Gateway takes: %s', (_what, context) => {
    expect(() => synthesised(context)).toThrow(
      /^fiskil:callers, fiskil:denied, fiskil:credentials and VPC endpoints make an API policy of \d+ characters, but API Gateway accepts 8192\./,
    );
  });

  test('is none by default, in a stack that knows neither account nor region too', () => {
    expect(Token.isUnresolved(testStack().account)).toBe(false);
    expect(apiPolicyLength(givenBy(DEFAULTS, ''), testStack())).toBe(0);
  });
});

test('the README says how many fit', () => {
  const given = (context: Record<string, unknown>) => givenBy(configuration(context), '');
  const own = (width: number) => environmentBytes(given({ 'fiskil:credentials': many(MOST_CREDENTIALS, width) }));
  const left = (width: number) =>
    environmentBytes(given({ 'fiskil:credentials': adoptedAs(many(MOST_CREDENTIALS, width)) }));
  const policy = (context: Record<string, unknown>) => apiPolicyLength(given(context), testStack());
  const closed = (count: number) =>
    policy({ 'fiskil:vpcEndpointIds': ['vpce-0123456789abcdef0'], 'fiskil:credentials': many(count) });
  const roles = (count: number) =>
    policy({
      'fiskil:callers': Array.from({ length: count }, (_, index) => ({
        principal: `arn:aws:iam::${111111111111 + index}:role/nightly-sync`,
        credentials: ['default'],
      })),
    });

  const readme = readFileSync(join(__dirname, '../../README.md'), 'utf8');
  expect(readme).toContain(`A stack has at most ${MOST_CREDENTIALS} credentials.`);
  expect(readme).toContain(`${MOST_CREDENTIALS} names of 30 characters`);
  expect(readme).toContain(`${MOST_CREDENTIALS} adopted secrets with names of 20 characters`);
  for (const bytes of [own(30), left(20)]) expect(bytes).toBeLessThanOrEqual(4096);
  expect(readme).toContain('about 40 credentials of a private API');
  expect([closed(38) <= 8192, closed(46) <= 8192]).toEqual([true, false]);
  expect(readme).toContain('18 roles of other accounts with one credential each');
  expect([roles(18) <= 8192, roles(19) <= 8192]).toEqual([true, false]);
});
