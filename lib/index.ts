/** What `fiskil-token-vending` exports: for stacks and apps of your own. */
export type { AlarmName } from './alarms';
export type { Caller, OrganizationCaller, PrincipalCaller } from './callers';
export type { Configuration, Throttle } from './config';
export { configuration } from './config';
export { ConfigurationError } from './config-values';
export { CALLER_ENVIRONMENT } from './connection';
export type { CredentialProps } from './credential-secret';
export type { CredentialSource, Credentials } from './credentials';
export type { TokenVendingAttributes } from './imported-token-vending';
export type { AlarmChange, AlarmChanges } from './monitoring';
export { TokenVending } from './token-vending';
export type { TokenVendingProps } from './token-vending-props';
export { TokenVendingStack, type TokenVendingStackProps } from './token-vending-stack';
export type { ICallerFunction, ITokenVending } from './vend-grant';
