import { systemClock } from './clock';
import { checkGiven, checkOptions, type TokenProviderOptions } from './options';
import { provideTokens } from './provide';
import { createTokenApiClient, type TokenApiClient } from './token-api-client';
import type { TokenProvider } from './token-provider';

/** Make one for each credential and process, outside of the handler. The first call reads the environment. Throws `TokenVendingError` `invalid_option`
 * for a wrong option. A missing option fails at the first call.
 */
export function createTokenProvider(options: TokenProviderOptions = {}): TokenProvider {
  checkGiven(options);
  let made: TokenApiClient | undefined;
  const service = () => {
    made ??= createTokenApiClient(checkOptions(options, process.env), Math.random);
    return made;
  };
  const lazily: TokenApiClient = {
    vend: async (...asked) => service().vend(...asked),
    reject: async (...asked) => service().reject(...asked),
  };
  return provideTokens(lazily, options.clock ?? systemClock, options.onEvent);
}
