/**
 * Parts of node:crypto. If an ES module imports node:crypto, Node reads all its exports. One of them is WebCrypto, which is then loaded. This costs a
 * cold caller 1 to 2 ms. The build gives this module to the signer too.
 */
export const { createHash, createHmac } = process.getBuiltinModule('node:crypto');

/** It belongs to WebCrypto. The signer's package needs it for UUIDs, and a signature has none. */
export const getRandomValues = undefined;
