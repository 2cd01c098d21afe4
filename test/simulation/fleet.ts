import type { Environment } from './environment';
import type { Random } from './random';
import type { Weather } from './weather';

/** A new environment now and then, as a busy function gets them. */
const COLD_START = 0.03;

/** The environments that can be invoked. */
export class Fleet {
  private environments: Environment[] = [];

  constructor(
    private readonly weather: Weather,
    private readonly random: Random,
    private readonly make: () => Environment,
  ) {}

  /** One that takes a call now, if there is any. */
  free(): Environment | undefined {
    const isAlone = this.weather.hosting === 'one_call_at_a_time';
    this.environments = this.environments.filter(({ gone }) => !gone);
    const free = this.environments.filter(({ frozen, active }) => (isAlone ? active.size === 0 : !frozen));
    const canGrow = this.environments.length < this.weather.environments;
    if (canGrow && (free.length === 0 || !isAlone || this.random.chance(COLD_START))) {
      return this.cold();
    }
    return free.length > 0 ? this.random.pick(free) : undefined;
  }

  cold(): Environment {
    const environment = this.make();
    this.environments.push(environment);
    return environment;
  }

  everyone(): readonly Environment[] {
    return this.environments;
  }
}
