/** This project's version, by which Fiskil's request logs know a mint of it. The bundle takes no more of the file than that. */
export { version as VERSION } from '../package.json';
