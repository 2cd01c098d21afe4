import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Pair } from '../../lambda/vending/types';
import { type StandIn, type StandInOptions, startStandIn } from '../../local/fiskil-stand-in';
import type { IssuedToken } from '../../local/stand-in-tokens';
import { type Answer, Deployment } from './deployment';
import type { Call, Keys } from './signed-request';
import { runFolder } from './toolbox';

/** A deployed stack, the Fiskil that it mints at (in this process), and a workload that may call all its credentials. */
export class Scene {
  private constructor(
    readonly standIn: StandIn,
    readonly deployed: Deployment,
    readonly keys: Keys,
  ) {}

  /** @param credentials one for each test, so that no test needs what another one did */
  static async set(stack: string, credentials: readonly string[], options: StandInOptions = {}): Promise<Scene> {
    const standIn = await startStandIn({ ...options, pairs: [] });
    try {
      const deployed = await Deployment.deploy({ stack, tokenUrl: standIn.url, credentials });
      return new Scene(standIn, deployed, await deployed.caller('workload', ...credentials));
    } catch (error) {
      await standIn.stop();
      throw error;
    }
  }

  /** Makes a key at Fiskil and pastes it. */
  async configure(credential: string): Promise<Pair> {
    const pair = { clientId: `client-of-${credential}`, clientSecret: `canary-secret-of-${credential}` };
    this.standIn.accept(pair);
    await this.deployed.paste(credential, pair);
    return pair;
  }

  get(credential: string, query = ''): Promise<Answer> {
    return this.deployed.call(this.keys, `tokens/${credential}${query}`);
  }

  post(path: string, body: object): Promise<Answer> {
    const call: Call = { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
    return this.deployed.call(this.keys, path, call);
  }

  /** Stops this Fiskil, and keeps the function's log for whoever looks for a fault. */
  async end(): Promise<void> {
    await this.standIn.stop();
    const lines = await this.deployed.function.logLines();
    writeFileSync(join(runFolder('logs'), `function-${this.deployed.stack}.log`), lines.join('\n'));
  }

  /** The tokens that Fiskil issued for a credential, oldest first. */
  mints(credential: string): readonly IssuedToken[] {
    return this.standIn.mints.filter((mint) => mint.clientId === `client-of-${credential}`);
  }
}
