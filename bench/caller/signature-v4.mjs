import { Sha256 } from '@aws-crypto/sha256-js';
import { SignatureV4 } from '@aws-sdk/signature-v4';
import { getTokenWith } from './smithy-family.mjs';

export const getToken = getTokenWith(SignatureV4, Sha256, async ({ href }, headers) => {
  const response = await fetch(href, { headers });
  return (await response.json()).token;
});
