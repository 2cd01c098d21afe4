import { beforeEach, describe, expect, test } from '@jest/globals';
import { RotationAbandoned } from '../../lambda/rotation/failure';
import type { SecretVersions } from '../../lambda/rotation/steps';

/** A secret that holds the text `first`, and what happens to it from outside. */
export interface SecretUnderTest {
  readonly secretId: string;
  readonly versions: SecretVersions;
  /** Saves a new value as the console does. Answers the new version's id. */
  edit(text: string): Promise<string>;
  /** Makes an empty version with AWSPENDING, as "Rotate secret immediately" does before the first step. */
  begin(token: string): Promise<void>;
  /** An id that no version has yet. */
  newToken(): string;
}

/** The rules of Secrets Manager that the four steps rely on; each is in its API reference. */
export type Rule =
  | 'an edit makes a new AWSCURRENT, and AWSPREVIOUS follows'
  | 'a version without a label is not listed'
  | 'a version that was begun is listed as pending and has no value'
  | 'filling gives the pending version its value and moves no AWSCURRENT'
  | 'filling again with the same value changes nothing'
  | 'filling again with another value keeps the first'
  | 'promoting moves AWSCURRENT, and AWSPREVIOUS follows'
  | 'promoting from a version that is no longer current moves nothing'
  | 'promoting again is done'
  | 'giving up takes AWSPENDING off'
  | 'giving up without AWSPENDING changes nothing';

/** Runs the rules against one implementation. @param deviations rules that it is known to break, with the reason */
export function versionsContract(
  name: string,
  make: () => Promise<SecretUnderTest>,
  deviations: Partial<Record<Rule, string>> = {},
): void {
  describe(`the versions of a secret: ${name}`, () => {
    let secret: SecretUnderTest;
    let first: string;

    beforeEach(async () => {
      secret = await make();
      first = await labelled('AWSCURRENT');
    });

    async function labelled(label: string): Promise<string> {
      const { labels } = await secret.versions.describe(secret.secretId);
      return Object.keys(labels).find((id) => labels[id]?.includes(label)) ?? 'none';
    }

    const read = (version: string) => secret.versions.read(secret.secretId, version);
    const fill = (version: string, text: string) => secret.versions.fill(secret.secretId, version, text);
    const promote = (version: string, from: string) => secret.versions.promote(secret.secretId, version, from);
    const giveUp = (version: string) => secret.versions.giveUp(secret.secretId, version);

    async function begin(): Promise<string> {
      const token = secret.newToken();
      await secret.begin(token);
      return token;
    }

    function rule(sentence: Rule, body: () => Promise<void>): void {
      const reason = deviations[sentence];
      // A deviation that is gone should be taken off the list.
      test(reason ? `DEVIATES (${reason}): ${sentence}` : sentence, async () => {
        await (reason ? expect(body()).rejects.toThrow() : body());
      });
    }

    rule('an edit makes a new AWSCURRENT, and AWSPREVIOUS follows', async () => {
      const second = await secret.edit('second');
      expect(await labelled('AWSCURRENT')).toBe(second);
      expect(await labelled('AWSPREVIOUS')).toBe(first);
      expect(await read(first)).toEqual({ text: 'first' });
    });

    rule('a version without a label is not listed', async () => {
      await secret.edit('second');
      await secret.edit('third');
      const { labels } = await secret.versions.describe(secret.secretId);
      expect(Object.keys(labels)).not.toContain(first);
    });

    rule('a version that was begun is listed as pending and has no value', async () => {
      const token = await begin();
      expect(await labelled('AWSPENDING')).toBe(token);
      expect(await read(token)).toBeUndefined();
    });

    rule('filling gives the pending version its value and moves no AWSCURRENT', async () => {
      const token = await begin();
      await fill(token, 'filled');
      expect(await read(token)).toEqual({ text: 'filled' });
      expect(await labelled('AWSPENDING')).toBe(token);
      expect(await labelled('AWSCURRENT')).toBe(first);
    });

    rule('filling again with the same value changes nothing', async () => {
      const token = await begin();
      await fill(token, 'filled');
      const before = await secret.versions.describe(secret.secretId);
      await fill(token, 'filled');
      expect(await secret.versions.describe(secret.secretId)).toEqual(before);
    });

    rule('filling again with another value keeps the first', async () => {
      const token = await begin();
      await fill(token, 'filled');
      await fill(token, 'other');
      expect(await read(token)).toEqual({ text: 'filled' });
    });

    rule('promoting moves AWSCURRENT, and AWSPREVIOUS follows', async () => {
      const token = await begin();
      await fill(token, 'filled');
      await promote(token, first);
      expect(await labelled('AWSCURRENT')).toBe(token);
      expect(await labelled('AWSPREVIOUS')).toBe(first);
    });

    rule('promoting from a version that is no longer current moves nothing', async () => {
      const token = await begin();
      await fill(token, 'filled');
      const second = await secret.edit('second');
      await expect(promote(token, first)).rejects.toThrow(RotationAbandoned);
      expect(await labelled('AWSCURRENT')).toBe(second);
      expect(await labelled('AWSPREVIOUS')).toBe(first);
    });

    rule('promoting again is done', async () => {
      const token = await begin();
      await fill(token, 'filled');
      await promote(token, first);
      await promote(token, first);
      expect(await labelled('AWSCURRENT')).toBe(token);
      expect(await labelled('AWSPREVIOUS')).toBe(first);
    });

    rule('giving up takes AWSPENDING off', async () => {
      const token = await begin();
      await fill(token, 'filled');
      await giveUp(token);
      expect(await labelled('AWSPENDING')).toBe('none');
      expect(await labelled('AWSCURRENT')).toBe(first);
    });

    rule('giving up without AWSPENDING changes nothing', async () => {
      const before = await secret.versions.describe(secret.secretId);
      await giveUp(first);
      expect(await secret.versions.describe(secret.secretId)).toEqual(before);
    });
  });
}
