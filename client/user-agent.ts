import { version } from '../package.json';

/** The user agent of this client's requests. */
export const USER_AGENT = `fiskil-token-vending-client/${version}`;
