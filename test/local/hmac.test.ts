import { createHmac } from 'node:crypto';
import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { hmacSha256 } from '../../local/hmac';

const keys = fc.nat(150).chain((length) => fc.uint8Array({ minLength: length, maxLength: length }));

test("is Node's HMAC, by keys shorter and longer than a block", () =>
  fc.assert(
    fc.property(keys, fc.string({ unit: 'binary' }), (key, text) => {
      expect(hmacSha256(Buffer.from(key))(text)).toBe(createHmac('sha256', key).update(text).digest('hex'));
    }),
  ));
