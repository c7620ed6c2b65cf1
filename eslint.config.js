import tseslint from 'typescript-eslint';

const noEnumsDefaultsOrBarrels = [
  { selector: 'TSEnumDeclaration', message: 'Use a union of literals, or a const tuple and its type.' },
  { selector: 'ExportDefaultDeclaration', message: 'Export by name.' },
  { selector: 'ExportAllDeclaration', message: 'No barrels: import from the file that defines it.' },
  { selector: 'ExportNamedDeclaration[source]', message: 'No barrels: import from the file that defines it.' },
  { selector: 'CallExpression[callee.name="forwardRef"]', message: 'Break the cycle instead.' },
];

const processEnvironment = [
  {
    selector: 'MemberExpression[object.name="process"][property.name="env"]',
    message: 'Only src/config reads the environment.',
  },
  {
    selector: 'ImportDeclaration[source.value=/^(node:)?process$/] > ImportSpecifier[imported.name="env"]',
    message: 'Only src/config reads the environment.',
  },
];

const size = {
  'max-lines': ['error', { max: 300 }],
  'max-lines-per-function': ['error', { max: 60 }],
  'max-params': 'off',
  '@typescript-eslint/max-params': ['error', { max: 5 }],
  complexity: ['error', { max: 12 }],
  'max-depth': ['error', { max: 4 }],
};

const language = {
  eqeqeq: 'error',
  'no-console': 'error',
  'no-param-reassign': 'error',
  'no-var': 'error',
  'object-shorthand': 'error',
  'prefer-const': 'error',
  '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
  '@typescript-eslint/explicit-module-boundary-types': 'error',
  '@typescript-eslint/no-extraneous-class': ['error', { allowWithDecorator: true }],
  // Ports and configuration slices are abstract classes, so that they are types and injection tokens in one; plain objects
  // implement them.
  '@typescript-eslint/no-unsafe-class-instance-assignment': 'off',
  '@typescript-eslint/no-unused-vars': [
    'error',
    { argsIgnorePattern: '^_', varsIgnorePattern: '^_', destructuredArrayIgnorePattern: '^_', caughtErrors: 'all' },
  ],
  '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
};

export default tseslint.config(
  { ignores: ['test/groups/', 'dist/', 'data/', 'coverage/', 'node_modules/', 'src/metadata.ts'] },
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: { ...size, ...language, 'no-restricted-syntax': ['error', ...noEnumsDefaultsOrBarrels] },
  },
  {
    files: ['src/**/*.ts'],
    ignores: ['src/config/**', 'src/**/*.spec.ts'],
    rules: { 'no-restricted-syntax': ['error', ...noEnumsDefaultsOrBarrels, ...processEnvironment] },
  },
  {
    files: ['**/*.spec.ts', 'test/**/*.ts'],
    rules: {
      // A describe block is a list of cases, not a function to follow.
      'max-lines-per-function': 'off',
      // Fakes implement asynchronous interfaces without waiting.
      '@typescript-eslint/require-await': 'off',
    },
  },
  {
    // Clients and providers still use parameters that the SDKs' types call deprecated; they are carried all the same.
    files: ['src/providers/adapters/**/*.ts', 'src/dialects/**/*.ts', 'test/**/*.ts'],
    rules: { '@typescript-eslint/no-deprecated': 'off' },
  },
  { files: ['scripts/**/*.ts', 'bench/**/*.ts'], rules: { 'no-console': 'off' } },
  {
    files: ['**/*.js', '**/*.mjs', '**/*.cjs'],
    extends: [tseslint.configs.strict, tseslint.configs.stylistic],
    rules: { ...size, eqeqeq: 'error' },
  },
  {
    // jest loads these by their default export.
    files: ['test/support/jest-global-*.ts', 'test/support/jest-*-reporter.ts'],
    rules: { 'no-restricted-syntax': 'off' },
  },
);
