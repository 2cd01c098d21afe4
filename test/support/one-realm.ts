import { TestEnvironment } from 'jest-environment-node';

/**
 * Jest runs tests in a realm of their own, in which Node's own errors are no `Error`. The AWS SDK asks `instanceof Error`
 * to see what a connection died of, so tests of that name this environment: `@jest-environment ./test/support/one-realm.ts`.
 */
export default class OneRealm extends TestEnvironment {
  override async setup(): Promise<void> {
    await super.setup();
    this.global.Error = Error;
  }
}
