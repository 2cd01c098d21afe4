import { fromNodeProviderChain } from '@aws-sdk/credential-providers';
import { createFiskilFetch, createTokenProvider } from 'fiskil-token-vending/client';

const origin = process.env.FISKIL_ORIGIN ?? 'https://api.fiskil.com';

// A Lambda has its AWS credentials in its environment. A task does not, so the SDK fetches them.
const tokens = createTokenProvider({ credentials: fromNodeProviderChain() });
const fiskil = createFiskilFetch(tokens, { origins: [origin] });

fiskil(`${origin}/v1/end-users`)
  .then((response) => response.text())
  .then(console.log);
