/** Part of the user agent, so that Fiskil's logs show which version minted. The bundle gets nothing else of package.json. */
export { version as VERSION } from '../package.json';
