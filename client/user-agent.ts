import { version } from '../package.json';

/** What callers of this client are called in API Gateway's access log. */
export const USER_AGENT = `fiskil-token-vending-client/${version}`;
