export type { Clock } from './clock';
export type { AwsCredentials, AwsCredentialsProvider } from './credentials';
export {
  type ClientErrorCode,
  type GatewayErrorCode,
  type ServiceErrorCode,
  TokenVendingError,
  type TokenVendingErrorCode,
} from './errors';
export type { TokenEvent } from './events';
export { createFiskilFetch, type FiskilFetchOptions } from './fiskil-fetch';
export type { TokenProviderOptions } from './options';
export { createTokenProvider, type GetTokenOptions, type TokenDetails, type TokenProvider } from './token-provider';
