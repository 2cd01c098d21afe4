import { types } from 'node:util';
import { TestEnvironment } from 'jest-environment-node';

/**
 * Jest runs tests in a realm of their own, in which Node's own errors are no `Error`. The AWS SDK and Powertools ask
 * `instanceof Error`, and are told the truth here. Tests name this environment: `@jest-environment ./test/support/one-realm.ts`.
 */
export default class OneRealm extends TestEnvironment {
  override async setup(): Promise<void> {
    await super.setup();
    const error = this.global.Error;
    const ordinary = Function.prototype[Symbol.hasInstance];
    Object.defineProperty(error, Symbol.hasInstance, {
      value(this: unknown, value: unknown): boolean {
        // `TypeError` and our own classes inherit this, and are asked as ever.
        return ordinary.call(this, value) || (this === error && types.isNativeError(value));
      },
    });
  }
}
