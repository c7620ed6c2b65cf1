/** What each folder of src may import besides itself: the table of docs/architecture.md. */
const ALLOWED = {
  core: [],
  config: ['core'],
  tokens: ['core'],
  egress: ['core', 'config'],
  dialects: ['core'],
  database: ['core', 'config'],
  logging: ['core', 'config'],
  http: ['core', 'config', 'dialects', 'logging'],
  metrics: ['core', 'config', 'http'],
  tracing: ['core', 'config'],
  cache: ['core', 'config'],
  limits: ['core', 'config', 'database', 'cache'],
  budgets: ['core', 'config', 'database'],
  auth: ['core', 'config', 'http', 'database', 'cache', 'limits', 'budgets', 'egress'],
  admission: ['core', 'config', 'http', 'auth'],
  jobs: ['core', 'config', 'http', 'database', 'auth', 'egress'],
  idempotency: ['core', 'config', 'http', 'database', 'auth'],
  providers: ['core', 'config', 'tokens', 'egress'],
  usage: ['core', 'config', 'http', 'database', 'cache', 'limits', 'budgets', 'tokens', 'auth', 'providers'],
  models: ['core', 'dialects', 'http', 'auth', 'providers'],
  embeddings: ['core', 'config', 'dialects', 'http', 'cache', 'auth', 'usage', 'providers'],
  chat: ['core', 'config', 'database', 'cache', 'egress', 'auth', 'tokens', 'usage', 'providers', 'embeddings'],
  media: ['core', 'config', 'dialects', 'http', 'egress', 'auth', 'usage', 'providers'],
  conversations: ['core', 'config', 'http', 'database', 'egress', 'auth', 'tokens', 'chat'],
  tools: ['core', 'config', 'http', 'database', 'auth', 'tokens', 'usage', 'egress', 'chat'],
  'chat-api': ['core', 'config', 'dialects', 'http', 'auth', 'admission', 'usage', 'chat', 'conversations', 'tools'],
  responses: [
    ...['core', 'config', 'dialects', 'http', 'database', 'jobs', 'auth', 'usage', 'chat'],
    ...['conversations', 'tools'],
  ],
  extraction: [
    ...['core', 'config', 'dialects', 'http', 'database', 'jobs', 'auth', 'usage', 'chat'],
    ...['conversations', 'tools'],
  ],
  rag: [
    ...['core', 'config', 'http', 'database', 'cache', 'tokens', 'egress', 'jobs', 'auth', 'usage', 'chat'],
    ...['embeddings', 'conversations', 'tools', 'media'],
  ],
  batches: [
    ...['core', 'config', 'dialects', 'http', 'database', 'jobs', 'auth', 'admission', 'usage', 'chat', 'embeddings'],
    ...['media', 'responses', 'chat-api'],
  ],
  admin: ['core', 'config', 'http', 'database', 'auth', 'limits', 'budgets', 'usage', 'providers', 'jobs'],
  health: ['core', 'config', 'http', 'database', 'auth', 'providers', 'jobs'],
  workers: ['core'],
  maintenance: ['core', 'config', 'database', 'auth', 'jobs', 'usage', 'tools'],
  console: ['core', 'config', 'http'],
};

const SPECS = '\\.spec\\.ts$';

/** A folder imports itself, what the table allows, and nothing else of src. */
const folderRules = Object.entries(ALLOWED).map(([folder, allowed]) => ({
  name: `imports-of-${folder}`,
  comment: `src/${folder} may import ${['itself', ...allowed].join(', ')}`,
  severity: 'error',
  from: { path: `^src/${folder}/`, pathNot: SPECS },
  to: { path: '^src/', pathNot: `^src/(${[folder, ...allowed].join('|')})/` },
}));

const rules = [
  {
    name: 'known-folders-only',
    comment: 'a new folder of src needs a row in the table',
    severity: 'error',
    from: { path: '^src/' },
    to: { path: '^src/[^/]+/', pathNot: `^src/(${Object.keys(ALLOWED).join('|')})/` },
  },
  { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
  { name: 'no-unresolved', severity: 'error', from: {}, to: { couldNotResolve: true } },
  {
    name: 'core-has-no-packages',
    severity: 'error',
    from: { path: '^src/core/', pathNot: SPECS },
    to: { dependencyTypesNot: ['core', 'local'] },
  },
  {
    name: 'dialects-have-no-frameworks',
    comment: 'types of the SDKs are fine, and DTO files may use class-validator and swagger',
    severity: 'error',
    from: { path: '^src/dialects/', pathNot: `${SPECS}|\\.dto\\.ts$` },
    to: { dependencyTypesNot: ['core', 'local', 'type-only'] },
  },
  {
    name: 'sdks-only-in-adapters',
    severity: 'error',
    from: { path: '^src/', pathNot: `^src/providers/adapters/|${SPECS}` },
    to: { path: 'node_modules/(openai|@anthropic-ai/sdk|@google/genai)/', dependencyTypesNot: ['type-only'] },
  },
  {
    name: 'open-telemetry-only-in-tracing',
    comment: 'everybody else knows the port in core/telemetry/tracing.ts',
    severity: 'error',
    from: { path: '^src/', pathNot: `^src/tracing/|${SPECS}` },
    to: { path: 'node_modules/@opentelemetry/' },
  },
  {
    name: 'open-telemetry-is-loaded-when-it-is-on',
    comment: 'the module imports open-tracing.ts at run time, and nothing else of the folder or of OpenTelemetry',
    severity: 'error',
    from: { path: '^src/tracing/tracing\\.module\\.ts$' },
    to: { path: '^src/tracing/|node_modules/@opentelemetry/', dependencyTypesNot: ['dynamic-import'] },
  },
  {
    name: 'adapters-are-private-to-providers',
    severity: 'error',
    from: { path: '^src/', pathNot: `^src/providers/|${SPECS}` },
    to: { path: '^src/providers/adapters/' },
  },
  {
    name: 'source-does-not-import-tests',
    severity: 'error',
    from: { path: '^src/', pathNot: SPECS },
    to: { path: `^test/|${SPECS}` },
  },
  {
    name: 'no-development-packages',
    severity: 'error',
    from: { path: '^src/', pathNot: SPECS },
    to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'] },
  },
];

module.exports = {
  forbidden: [...folderRules, ...rules],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(dist|data|coverage)/|^src/metadata\\.ts$' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
    },
  },
};
