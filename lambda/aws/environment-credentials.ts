import { fromEnv } from '@aws-sdk/credential-provider-env';

/** Replaces `@aws-sdk/credential-provider-node` in the bundle. A function always has its role's session in its environment. So it does not need the
 * SDK's chain of SSO, process, file and metadata providers, which could only be misused there.
 */
export const defaultProvider = () => fromEnv();
