import { fromEnv } from '@aws-sdk/credential-provider-env';

/**
 * Stands in for `@aws-sdk/credential-provider-node` in the bundle. A function always has its role's session in its
 * environment, so the SDK's chain of SSO, process, file and metadata providers is code that could only be misused there.
 */
export const defaultProvider = () => fromEnv();
