/** What `fiskil-token-vending` exports: for stacks and apps of your own. */
export type { Caller, OrganizationCaller, PrincipalCaller } from './callers';
export type { Configuration, Throttle } from './config';
export { configuration } from './config';
export { ConfigurationError } from './config-values';
export type { CredentialSource, Credentials } from './credentials';
export type { TokenVendingAttributes } from './imported-token-vending';
export { TokenVending, type TokenVendingProps } from './token-vending';
export { TokenVendingStack, type TokenVendingStackProps } from './token-vending-stack';
export { CALLER_ENVIRONMENT, type ITokenVending } from './vend-grant';
