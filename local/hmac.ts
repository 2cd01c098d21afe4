import { hash } from 'node:crypto';

/** A text's HMAC by one key, as lower-case hex. */
export type Hmac = (text: string) => string;

const BLOCK = 64;

/**
 * HMAC-SHA-256 by its definition, RFC 2104, with the key's part of it worked out once.
 * Node's `createHmac` makes a stream for each text: under load that takes as long as all the rest of checking a signature.
 */
export function hmacSha256(key: Buffer): Hmac {
  const block = Buffer.alloc(BLOCK);
  // By way of hex, for which `hash` has a short cut and for bytes it has none.
  (key.length > BLOCK ? Buffer.from(hash('sha256', key), 'hex') : key).copy(block);
  const inner = block.map((byte) => byte ^ 0x36);
  const outer = Buffer.alloc(BLOCK + 32);
  outer.set(block.map((byte) => byte ^ 0x5c));
  return (text) => {
    const message = Buffer.allocUnsafe(BLOCK + Buffer.byteLength(text));
    message.set(inner);
    message.write(text, BLOCK);
    outer.write(hash('sha256', message), BLOCK, 'hex');
    return hash('sha256', outer);
  };
}
