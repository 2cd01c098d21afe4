import { fromNodeProviderChain } from '@aws-sdk/credential-providers';
import { createFiskilFetch, createTokenProvider } from 'fiskil-token-vending/client';

const origin = process.env.FISKIL_ORIGIN ?? 'https://api.fiskil.com';

// A task's credentials are not in its environment, as those of a Lambda are: the SDK asks for them.
const tokens = createTokenProvider({ credentials: fromNodeProviderChain() });
const fiskil = createFiskilFetch(tokens, { origins: [origin] });

fiskil(`${origin}/v1/end-users`)
  .then((response) => response.text())
  .then(console.log);
