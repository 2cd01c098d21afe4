// node client.mjs prints a token with its details; node client.mjs TOKEN rejects that token and prints another one.
import { createTokenProvider } from 'fiskil-token-vending/client';

// Signs with the keys in the environment, where Lambda sets them. Elsewhere, `credentials` takes any provider of the SDK.
const tokens = createTokenProvider();

const [refused] = process.argv.slice(2);
if (refused !== undefined) await tokens.reject(refused);
console.log(JSON.stringify(await tokens.getTokenDetails({ minTtl: 60 })));
