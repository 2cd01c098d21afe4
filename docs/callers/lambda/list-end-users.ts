import { createFiskilFetch, createTokenProvider } from 'fiskil-token-vending/client';

// The version is pinned. Otherwise Fiskil's Console decides it, and a change there cannot be undone.
const fiskil = createFiskilFetch(createTokenProvider(), { version: 'v2' });

export async function handler(): Promise<unknown> {
  const response = await fiskil('https://api.fiskil.com/v1/end-users');
  if (!response.ok) throw new Error(`Fiskil answered ${response.status}`);
  return response.json();
}
