// node client.mjs prints a token and what belongs to it; node client.mjs TOKEN rejects that one and prints another.
import { createTokenProvider } from 'fiskil-token-vending/client';

// Signs with the environment's keys. On Lambda they are there; elsewhere, `credentials` takes any SDK provider.
const tokens = createTokenProvider();

const [refused] = process.argv.slice(2);
if (refused !== undefined) await tokens.reject(refused);
console.log(JSON.stringify(await tokens.getTokenDetails({ minTtl: 60 })));
