import { createFiskilFetch, createTokenProvider } from 'fiskil-token-vending/client';

const fiskil = createFiskilFetch(createTokenProvider());

export async function handler(): Promise<unknown> {
  const response = await fiskil('https://api.fiskil.com/v1/end-users');
  if (!response.ok) throw new Error(`Fiskil answered ${response.status}`);
  return response.json();
}
