import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  execute,
  getNamedType,
  getNullableType,
  isEnumType,
  isInterfaceType,
  isLeafType,
  isObjectType,
  isRequiredArgument,
  parse,
  type GraphQLNamedType,
  type GraphQLSchema,
} from 'graphql';
import { createReader } from '../../../src/graph/read/reader.ts';
import { loadStatements } from '../../../src/graph/statement.ts';
import { toId } from '../../../src/graphql/ids.ts';
import type { NodeLabel, NodeRef } from '../../../src/model/node.ts';
import { createSeed, type Seed } from '../../support/graph-seed.ts';
import { createTestGraphql, type Asked } from '../../support/graphql.ts';

const LIMITS = { maxDepth: 30, maxCost: 1e9, maxTokens: 100_000, maxAliases: 100_000 };

/** Lineage is executed by generated code (src/graphql/execute.ts): everything that it says, graphql-js says as well. */
describe('the execution of lineage', () => {
  let seed: Seed;
  let asked: Asked;
  let root: NodeRef;
  beforeAll(async () => {
    seed = await createSeed();
    asked = await createTestGraphql({
      reader: createReader(seed.graph, loadStatements()),
      limits: LIMITS,
    });
    root = await fill(seed);
  });
  afterAll(async () => {
    await asked.graphql.stop();
    await seed.close();
  });

  async function bothWays(query: string, variables: Record<string, unknown>) {
    const { graphql } = asked;
    const { data, errors } = await asked.ask(query, variables);
    const plain = await execute({
      schema: graphql.schema,
      document: parse(query),
      contextValue: graphql.createContext(),
      variableValues: variables,
    });
    const errorsOf = plain.errors?.map(({ message, path, locations }) => ({
      message,
      path,
      locations,
    }));
    return {
      generated: { data, errors: errors.map((error) => ({ ...error, extensions: undefined })) },
      plain: {
        data: JSON.parse(JSON.stringify(plain.data ?? null)) as unknown,
        errors: errorsOf ?? [],
      },
    };
  }

  it.each([
    ['UPSTREAM', 3],
    ['DOWNSTREAM', 1],
    ['BOTH', 4],
  ])('every field of an answer %s is what graphql-js makes of it', async (direction, edgeCount) => {
    const query = `query ($of: ID!) { lineage(of: $of, direction: ${direction}, limit: 50) ${everything(asked.graphql.schema)} }`;
    const { generated, plain } = await bothWays(query, { of: toId(root) });
    expect(generated).toEqual(plain);
    expect(generated.errors).toEqual([]);
    const { Lineage_nodes: nodes, Lineage_edges: edges } = generated.data.lineage;
    expect(nodes.length).toBeGreaterThan(0);
    expect(edges.length).toBe(edgeCount);
  });

  it('aliases, fragments, directives, defaults, and several at once', async () => {
    const query = `query ($of: ID!, $deep: Int = 1, $no: Boolean! = false, $yes: Boolean!) {
      near: lineage(of: $of, direction: UPSTREAM, maxDepth: $deep) { ...Some truncated @skip(if: $no) }
      far: lineage(of: $of, direction: UPSTREAM) { ...Some edges @include(if: $yes) { type from } totals @skip(if: $yes) { count } }
    }
    fragment Some on Lineage { nodes { depth node { ... on Build { state ref: key } ... on Commit { name } __typename } } }`;
    const { generated, plain } = await bothWays(query, { of: toId(root), yes: true });
    expect(generated).toEqual(plain);
    expect(generated.errors).toEqual([]);
    expect(generated.data.far.edges.length).toBeGreaterThan(2);
    expect(generated.data.far.totals).toBeUndefined();
  });

  it.each([
    ['an unknown id', { of: toId({ label: 'Build', key: 'nowhere' }), limit: 5 }],
    ['a limit out of bounds', { of: toId({ label: 'Build', key: 'nowhere' }), limit: 0 }],
    ['a variable of another type', { of: 'x', limit: 'many' }],
    ['a variable that is missing', { limit: 5 }],
  ])('%s is the same error at the same place', async (_, variables) => {
    const query =
      'query ($of: ID!, $limit: Int!) {\n  nothing: lineage(of: $of,\n direction: UPSTREAM, limit: $limit) { truncated }\n}';
    const { generated, plain } = await bothWays(query, variables);
    expect(generated.errors).toHaveLength(1);
    expect(generated.errors).toEqual(plain.errors);
  });
});

async function fill(seed: Seed): Promise<NodeRef> {
  const ref = (label: NodeLabel, key: string) => seed.ref(label, key);
  const artifact = ref('Artifact', 'sha256:aa');
  const build = ref('Build', 'https://ci/1');
  await seed.nodes([
    { ...artifact, properties: { name: 'app', digests: ['sha256:aa'], mediaType: 'x/y' } },
    { ...build, properties: { name: 'job', outcome: 'success', startedAt: 1_700_000_000_000 } },
  ]);
  await seed.edges([
    [ref('Deployment', 'd1'), 'DEPLOYS', artifact],
    [ref('Deployment', 'd1'), 'TARGETS', ref('Environment', 'production')],
    [artifact, 'GENERATED_BY', build],
    [artifact, 'GENERATED_BY', build, { claim: `urn:${seed.prefix} second`, trust: 3 }],
    [build, 'RAN_ON', ref('Builder', 'https://builder')],
    [build, 'BUILT_FROM', ref('Commit', 'c1')],
    [build, 'USED', ref('PackageVersion', 'pkg:npm/a@1')],
    [ref('Commit', 'c1'), 'IN_REPOSITORY', ref('Repository', 'https://git/r')],
  ]);
  await seed.events([
    { n: seed.n, subjectRef: `Build:${build.key}`, type: 'build.finished', body: '{}' },
  ]);
  return artifact;
}

/** A selection of every field below a lineage that needs no argument; the kinds of things are opened once. */
function everything(schema: GraphQLSchema): string {
  return selectionOf(schema.getType('Lineage')!, schema, 3, true);
}

function selectionOf(
  type: GraphQLNamedType,
  schema: GraphQLSchema,
  depth: number,
  open: boolean,
): string {
  if (isInterfaceType(type)) {
    const kinds = open ? schema.getPossibleTypes(type) : [];
    const parts = kinds.map(
      (kind) => `... on ${kind.name} ${selectionOf(kind, schema, depth, false)}`,
    );
    return `{ __typename id ${parts.join(' ')} }`;
  }
  if (!isObjectType(type)) throw new Error(`no selection of ${type.name}`);
  const fields = Object.values(type.getFields()).flatMap((field) => {
    if (field.args.some((argument) => isRequiredArgument(argument))) return [];
    const inner = getNamedType(field.type);
    // a field of several kinds may differ in its type, so each has its own name
    const name = `${type.name}_${field.name}: ${field.name}`;
    if (isLeafType(getNullableType(inner)) || isEnumType(inner)) return [name];
    return depth === 1 ? [] : [`${name} ${selectionOf(inner, schema, depth - 1, open)}`];
  });
  return `{ __typename ${fields.join(' ')} }`;
}
