const common = {
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        // .swcrc is the build's, which leaves the specs out.
        swcrc: false,
        jsc: {
          parser: { syntax: 'typescript', decorators: true },
          transform: { legacyDecorator: true, decoratorMetadata: true, useDefineForClassFields: false },
          target: 'es2022',
          keepClassNames: true,
        },
        module: { type: 'es6' },
        sourceMaps: 'inline',
      },
    ],
  },
  setupFiles: ['<rootDir>/test/support/jest-setup.ts'],
};

/**
 * `unit`: the specs beside the code, those of the fakes and of the adapters' wire formats, in parallel. `e2e`: the contract and end-to-end suites, which
 * share the run's database; `npm test` runs them one after another. `soak`: minutes of load, many kills, long outages.
 * @type {import('jest').Config}
 */
const config = {
  projects: [
    {
      ...common,
      displayName: 'unit',
      roots: ['<rootDir>/src', '<rootDir>/test', '<rootDir>/scripts'],
      testMatch: [
        '<rootDir>/{src,scripts}/**/*.spec.ts',
        '<rootDir>/test/{fakes,support}/**/*.spec.ts',
        '<rootDir>/test/contract/adapters/**/*.spec.ts',
      ],
    },
    {
      ...common,
      displayName: 'e2e',
      roots: ['<rootDir>/src', '<rootDir>/test'],
      // What groups suites is written for one run (scripts/group-specs.mjs).
      testMatch: ['<rootDir>/test/{contract,e2e}/**/*.spec.ts', '<rootDir>/test/groups/**/*.spec.mjs'],
      testPathIgnorePatterns: ['<rootDir>/test/contract/adapters/'],
      globalSetup: '<rootDir>/test/support/database-global-setup.ts',
      globalTeardown: '<rootDir>/test/support/database-global-teardown.ts',
    },
    {
      ...common,
      displayName: 'soak',
      roots: ['<rootDir>/src', '<rootDir>/test'],
      testMatch: ['<rootDir>/test/soak/**/*.spec.ts'],
      globalSetup: '<rootDir>/test/support/database-global-setup.ts',
      globalTeardown: '<rootDir>/test/support/database-global-teardown.ts',
    },
  ],
  reporters: ['default', '<rootDir>/test/support/jest-totals-reporter.mjs'],
  maxWorkers: '100%',
  // The heap of a worker grows with each suite of ES modules.
  workerIdleMemoryLimit: '600MB',
  testTimeout: 60_000,
};

export default config;
