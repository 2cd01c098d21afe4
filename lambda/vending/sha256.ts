import { hash } from 'node:crypto';

/** SHA-256 as lower-case hex: how a token is named where it must not be shown. */
export function sha256(text: string): string {
  return hash('sha256', text);
}
