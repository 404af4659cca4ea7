/** The dependency rules: data flows one way, and each outside world has one folder that knows it. */
const only = (name, comment, from, to) => ({ name, comment, severity: 'error', from, to });

/** Folders below src that a folder may import, beside itself. */
const MAY_IMPORT = {
  model: ['errors'],
  bus: ['model', 'errors', 'telemetry', 'failpoint', 'deadline'],
  handlers: ['model', 'errors', 'documents'],
  documents: ['model', 'errors'],
  foreign: ['documents', 'model', 'errors'],
  graph: ['model', 'errors', 'telemetry', 'failpoint', 'deadline'],
  questions: ['graph', 'model', 'errors'],
  intake: ['model', 'errors'],
  apply: ['bus', 'handlers', 'graph', 'documents', 'model', 'errors', 'telemetry', 'failpoint'],
  replay: ['apply', 'graph', 'questions', 'model', 'errors', 'telemetry'],
  export: ['model', 'errors', 'version'],
  history: ['handlers', 'documents', 'graph', 'model', 'errors'],
  metrics: ['bus', 'graph', 'model', 'errors'],
  live: ['graph', 'model', 'errors'],
  graphql: ['export', 'graph', 'live', 'questions', 'model', 'errors', 'telemetry'],
  http: ['intake', 'model', 'errors', 'telemetry'],
  ingest: ['documents', 'foreign', 'model', 'errors'],
  servers: ['errors'],
  watcher: ['cli', 'model', 'errors'],
  roles: [
    'apply',
    'bus',
    'deadline',
    'documents',
    'foreign',
    'intake',
    'graph',
    'graphql',
    'handlers',
    'history',
    'http',
    'live',
    'metrics',
    'model',
    'errors',
    'telemetry',
  ],
};

module.exports = {
  forbidden: [
    only('no-cycles', 'modules form a hierarchy', {}, { circular: true }),
    only(
      'generated-in-graphql',
      'resolver types are known where resolvers are',
      { pathNot: '^src/graphql/' },
      { path: '^src/graphql/__generated__/' },
    ),
    ...Object.entries(MAY_IMPORT).map(([folder, allowed]) =>
      only(
        `${folder}-imports`,
        `src/${folder} may only import ${allowed.join(', ')}`,
        { path: `^src/${folder}/` },
        { path: '^src/', pathNot: `^src/(?:${[folder, ...allowed].join('|')})(?:/|\\.ts$)` },
      ),
    ),
    only(
      'questions-know-readers',
      'questions ask readers, and do not know who reads',
      { path: '^src/questions/' },
      { path: '^src/graph/', dependencyTypesNot: ['type-only'] },
    ),
    only(
      'judging-is-pure',
      'only asking and gathering read',
      { path: '^src/questions/[^/]+$' },
      { path: '^src/(graph|questions/(ask|gather))/' },
    ),
    only(
      'formats-by-the-registry',
      'a format of documents is one folder and one line: nothing outside knows its modules',
      { path: '^src/', pathNot: '^src/documents/' },
      { path: '^src/documents/formats/[^/]+/' },
    ),
    only(
      'ioredis-in-bus',
      'only the bus speaks to Redis, through one door',
      { pathNot: '^src/bus/redis\\.ts$' },
      { path: 'node_modules/ioredis' },
    ),
    only(
      'neo4j-in-graph',
      'only the graph speaks to Neo4j',
      { pathNot: '^src/graph/' },
      { path: 'node_modules/neo4j-driver' },
    ),
    only(
      'apollo-in-graphql',
      'only graphql knows Apollo',
      { pathNot: '^src/graphql/' },
      { path: 'node_modules/@apollo' },
    ),
    only(
      'prometheus-in-metrics',
      'only metrics know the client library of Prometheus',
      { pathNot: '^src/metrics/' },
      { path: 'node_modules/prom-client' },
    ),
    only(
      'jit-in-one-module',
      'generated code has one door',
      { pathNot: '^src/graphql/generated-code\\.ts$' },
      { path: 'node_modules/graphql-jit' },
    ),
    only(
      'nothing-imports-tests',
      'tests are leaves',
      { path: '^src/' },
      { path: '^(test|bench|scripts)/' },
    ),
    only(
      'environment-at-the-top',
      'configuration comes as a parameter',
      { path: '^src/(?!cli|service|main)' },
      { path: '^src/environment' },
    ),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
    },
  },
};
