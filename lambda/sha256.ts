import { hash } from 'node:crypto';

/** SHA-256 as lower-case hex. It names a token without showing it. */
export function sha256(text: string): string {
  return hash('sha256', text);
}
