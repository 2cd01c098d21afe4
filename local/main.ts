import { start } from './start';

start('npm start --', process.argv.slice(2));
