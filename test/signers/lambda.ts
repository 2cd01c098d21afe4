/** Runs docs/callers/lambda/list-end-users.ts once, as Lambda would. Its Fiskil is where FISKIL_ORIGIN says. */
const sendsTo = process.env.FISKIL_ORIGIN ?? '';
const send = globalThis.fetch;
globalThis.fetch = async (input, init) => {
  const answer = await send(String(input).replace('https://api.fiskil.com', sendsTo), init);
  // Without its URL: from another origin it would look like the end of a redirect.
  return new Response(answer.body, answer);
};

import(process.argv[2] ?? '').then(async ({ handler }) => console.log(JSON.stringify(await handler())));
