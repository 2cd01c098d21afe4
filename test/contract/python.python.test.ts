import { pythonDriver } from './python-driver';
import { runContract } from './run';

runContract('in Python', async () => pythonDriver());
