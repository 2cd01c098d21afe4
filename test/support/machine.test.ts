import { describe, expect, test } from '@jest/globals';
import { faults, type Machine } from './machine';

const GOOD: Machine = { node: '20.19.0', java: 'openjdk version "17.0.15" 2025-04-15', python: '/usr/bin/python3' };

describe('the check before the tests', () => {
  test('finds nothing on a machine with the least that is needed', () => {
    expect(faults(GOOD, ['node', 'java', 'python'])).toEqual([]);
  });

  test.each([
    ['18.20.4', false],
    ['20.18.3', false],
    ['20.19.0', true],
    ['22.1.0', true],
    ['24.21.0', true],
  ])('Node %s: enough is %s', (node, enough) => {
    expect(faults({ ...GOOD, node }, ['node'])).toHaveLength(enough ? 0 : 1);
  });

  test.each([
    ['java version "1.8.0_292"', false],
    ['openjdk version "11.0.2" 2019-01-15', false],
    ['openjdk version "17" 2021-09-14', true],
    ['openjdk version "21-ea" 2023-09-19', true],
    ['openjdk version "25.0.1" 2025-10-21', true],
  ])('%s: enough is %s', (java, enough) => {
    expect(faults({ ...GOOD, java }, ['java'])).toHaveLength(enough ? 0 : 1);
  });

  test.each([
    [{ ...GOOD, node: '18.20.4' }, /^Node 20\.19 or later is needed; this is 18\.20\.4\.$/],
    [{ ...GOOD, java: undefined }, /^Java 17 or later is needed/],
    [{ ...GOOD, java: 'The operation couldn’t be completed. Unable to locate a Java Runtime.' }, /no working `java`/],
    [{ ...GOOD, python: undefined }, /^Python 3\.10 or later with its venv module is needed/],
  ])('names what is missing in one sentence', (machine, sentence) => {
    const found = faults(machine, ['node', 'java', 'python']);
    expect(found).toHaveLength(1);
    expect(found[0]).toMatch(sentence);
  });

  test('asks nothing that the chosen tests do not need', () => {
    expect(faults({ node: '20.19.0' }, ['node'])).toEqual([]);
  });
});
