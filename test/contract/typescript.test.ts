import { runContract } from './run';
import { typescriptDriver } from './typescript-driver';

runContract('in TypeScript', async () => typescriptDriver());
