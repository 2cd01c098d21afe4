import type { TokenVendingErrorCode } from './errors';

/** What a provider did. It never contains a token. */
export type TokenEvent =
  /** A token was served from memory. */
  | {
      readonly type: 'hit';
      /** Whole seconds of life left. */
      readonly expiresIn: number;
    }
  /** The service answered with a token; after a rejection, with another one. */
  | {
      readonly type: 'call' | 'refresh' | 'rejection';
      /** From 1. */
      readonly attempt: number;
      readonly expiresIn: number;
      readonly requestId: string | undefined;
    }
  /** One attempt failed; another may follow. */
  | {
      readonly type: 'failure';
      /** `call`: a caller waits. `refresh`: in the background. `rejection`: to replace a token. */
      readonly during: 'call' | 'refresh' | 'rejection';
      readonly attempt: number;
      readonly code: TokenVendingErrorCode;
      readonly retryable: boolean;
      readonly status: number | undefined;
      /** Seconds. */
      readonly retryAfter: number | undefined;
      readonly requestId: string | undefined;
    };
