import { execute, parse, type ExecutionResult, type OperationDefinitionNode } from 'graphql';
import { generateCode } from '../src/graphql/generated-code.ts';
import { createSchema } from '../src/graphql/schema.ts';
import { machine, median, round2 } from './servers.ts';

const ROUNDS = 10;
const WARM_UP = 3;
const QUERY = `query {
  lineage(of: "x", direction: UPSTREAM, limit: 100000) {
    nodes { depth node { id key label } } edges { from to type } truncated
  }
}`;

/** What turning a lineage that was found into an answer takes, by graphql-js and by generated code, in turns: no database. */
export async function run(argv: readonly string[]): Promise<object> {
  const size = Number(argv[0] ?? 40_000);
  const schema = createSchema();
  const thing = (n: number) => ({
    ...{ label: n % 3 === 0 ? 'Build' : 'Artifact', internal: n, properties: {} },
    key: `sha256:${n.toString(16).padStart(64, '0')}`,
  });
  const nodes = Array.from({ length: size }, (_, n) => ({ depth: n % 100, node: thing(n) }));
  const edges = Array.from({ length: size * 1.5 }, (_, n) => ({
    ...{ from: thing(n), to: thing(n + 1), type: 'USED' },
  }));
  const field = schema.getQueryType()?.getFields()['lineage'];
  if (field === undefined) throw new Error('schema.graphql has no field Query.lineage');
  const found = { nodes, edges: () => edges, truncatedBy: () => null };
  field.resolve = () => found;
  const document = parse(QUERY);
  const generated = generateCode(
    schema,
    document,
    document.definitions[0] as OperationDefinitionNode,
  );
  const ways: Readonly<Record<string, () => Promise<ExecutionResult | null> | undefined>> = {
    graphqlJs: async () => execute({ schema, document, contextValue: {} }),
    generated: async () => (await generated?.({}, {})) ?? null,
  };
  const times: Record<string, number[]> = {};
  const answers = new Set<string>();
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const [name, way] of Object.entries(ways)) {
      const start = performance.now();
      const answer = await way();
      const took = performance.now() - start;
      answers.add(JSON.stringify(answer));
      if (round >= WARM_UP) (times[name] ??= []).push(took);
    }
  }
  if (answers.size !== 1) throw new Error('the answers differ');
  const row = Object.fromEntries(
    Object.entries(times).map(([name, all]) => [`${name}Ms`, round2(median(all))]),
  );
  return {
    bench: 'execution',
    unit: 'ms',
    rows: [{ nodes: size, edges: edges.length, ...row }],
    machine: machine(),
  };
}
