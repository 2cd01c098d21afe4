import { REGION, ROOT_KEY } from './emulator';
import { signedFetch } from './signed-request';

/** What an SDK client needs to talk to the emulator as its owner. */
export function owner(endpoint: string) {
  return { endpoint, region: REGION, credentials: ROOT_KEY };
}

/** One call of an AWS service that speaks JSON, for those whose client is not worth a dependency. */
export async function callJson<T>(endpoint: string, service: string, target: string, input: object): Promise<T> {
  const answer = await signedFetch(
    `${endpoint}/`,
    { keys: ROOT_KEY, region: REGION, service },
    {
      method: 'POST',
      headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': target },
      body: JSON.stringify(input),
    },
  );
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${target} answered ${answer.status}: ${text}`);
  return (text === '' ? {} : JSON.parse(text)) as T;
}
