import { createFiskilFetch, createTokenProvider } from 'fiskil-token-vending/client';

// Pinned: another version, chosen in Fiskil's Console, gives other answers, and there is no way back.
const fiskil = createFiskilFetch(createTokenProvider(), { version: 'v2' });

export async function handler(): Promise<unknown> {
  const response = await fiskil('https://api.fiskil.com/v1/end-users');
  if (!response.ok) throw new Error(`Fiskil answered ${response.status}`);
  return response.json();
}
