const { availableParallelism } = require('node:os');

// CDK checks every template that it makes, which takes 5 s of a processor for each test file. test/bin/app.test.ts has it done.
process.env.CDK_VALIDATION = 'false';

const common = {
  // Copies of this package that tools leave about.
  modulePathIgnorePatterns: ['<rootDir>/(\\.cache|\\.stryker-tmp|cdk\\.out|dist)/'],
  // As tsconfig.json has it: what a user's file imports is this checkout's.
  moduleNameMapper: {
    '^fiskil-token-vending/client$': '<rootDir>/client/index.ts',
    '^fiskil-token-vending/testing$': '<rootDir>/client/testing.ts',
  },
  transform: { '\\.ts$': ['@swc/jest', { jsc: { target: 'es2023', parser: { syntax: 'typescript' } } }] },
};

/** @type {import('jest').Config} */
module.exports = {
  // Milliseconds, for a hang alone: a busy machine takes several times what a quiet one does.
  testTimeout: 180_000,
  // One for each processor, and never fewer than three: the tests of the deployed stack mostly wait, and others can run meanwhile.
  maxWorkers: Math.max(3, availableParallelism()),
  projects: [
    // Node alone: no Java, no Python, no network but loopback. About half a minute.
    {
      ...common,
      displayName: 'unit',
      testMatch: ['<rootDir>/test/**/*.test.ts'],
      testPathIgnorePatterns: [
        '/node_modules/',
        '\\.(store|python|runtime|package)\\.test\\.ts$',
        '<rootDir>/test/e2e/',
        '<rootDir>/test/simulation/',
        '<rootDir>/test/(lib|policy|bin/app)',
      ],
    },
    // The synthesised stack; Node alone as well, but each file loads the whole of CDK.
    {
      ...common,
      displayName: 'template',
      testMatch: ['<rootDir>/test/{lib,policy}/**/*.test.ts', '<rootDir>/test/bin/app.test.ts'],
      testPathIgnorePatterns: ['/node_modules/', '\\.python\\.test\\.ts$'],
    },
    // What `npm run pack` makes, installed from the registry into an empty project; vitest and Python for its examples.
    {
      ...common,
      displayName: 'package',
      testMatch: ['<rootDir>/test/**/*.package.test.ts'],
      globalSetup: '<rootDir>/test/support/pack.ts',
    },
    // Thousands of simulated fleets; Node alone as well, but they take their time.
    { ...common, displayName: 'simulation', testMatch: ['<rootDir>/test/simulation/**/*.test.ts'] },
    // The bundles in Node 24 with AWS's own runtime client, in processes that are frozen and killed; DynamoDB Local (Java).
    {
      ...common,
      displayName: 'runtime',
      testMatch: ['<rootDir>/test/**/*.runtime.test.ts'],
      globalSetup: '<rootDir>/test/support/start-dynamodb.ts',
      globalTeardown: '<rootDir>/test/support/stop-dynamodb.ts',
    },
    // Tools from PyPI (Python), which test/support/prepare.ts fetches.
    { ...common, displayName: 'python', testMatch: ['<rootDir>/test/**/*.python.test.ts'] },
    // DynamoDB Local (Java).
    {
      ...common,
      displayName: 'store',
      testMatch: ['<rootDir>/test/**/*.store.test.ts'],
      globalSetup: '<rootDir>/test/support/start-dynamodb.ts',
      globalTeardown: '<rootDir>/test/support/stop-dynamodb.ts',
    },
    // The real template in an emulator (Python), the real bundle in Node 24; one file installs what is packed from the registry.
    {
      ...common,
      displayName: 'e2e',
      testMatch: ['<rootDir>/test/e2e/**/*.test.ts'],
      globalSetup: '<rootDir>/test/support/start-emulator.ts',
      globalTeardown: '<rootDir>/test/support/stop-emulator.ts',
    },
  ],
};
