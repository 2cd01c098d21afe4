export type { Clock } from './clock';
export { createTokenProvider } from './create-token-provider';
export type { AwsCredentials, AwsCredentialsProvider } from './credentials';
export {
  type ClientErrorCode,
  type GatewayErrorCode,
  type ServiceErrorCode,
  TokenVendingError,
  type TokenVendingErrorCode,
  type TokenVendingErrorFacts,
} from './errors';
export type { TokenEvent } from './events';
export { createFiskilFetch, type FiskilFetchOptions } from './fiskil-fetch';
export type { TokenProviderOptions } from './options';
export type { GetTokenOptions, TokenDetails, TokenProvider } from './token-provider';
