import { createHash, createHmac } from 'node:crypto';
import { SignatureV4 } from '@smithy/signature-v4';
import { tokenByHttps } from './https-get.mjs';
import { getTokenWith } from './smithy-family.mjs';

/** Node's own, the fastest that the signer can be given. */
class Sha256 {
  constructor(secret) {
    this.hash = secret === undefined ? createHash('sha256') : createHmac('sha256', secret);
  }

  update(data) {
    this.hash.update(data);
  }

  async digest() {
    return this.hash.digest();
  }
}

export const getToken = getTokenWith(SignatureV4, Sha256, ({ hostname, port, pathname: path }, headers) =>
  tokenByHttps({ hostname, port, path, headers }),
);
