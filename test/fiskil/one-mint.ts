/** Run as a process of its own, since Node looks at its proxy variables when it starts. Prints the token. */
import { mintAt } from './mint';

mintAt(process.argv[2] ?? '').then(({ token }) => console.log(token));
