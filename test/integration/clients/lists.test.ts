import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  buildClientSchema,
  buildSchema,
  getIntrospectionQuery,
  getNamedType,
  isObjectType,
  type GraphQLObjectType,
} from 'graphql';
import { startField, type Field } from '../../support/field.ts';
import {
  connectionFields,
  implementsNode,
  partsOfNodes,
  pathsFromQuery,
  type ConnectionField,
} from '../../support/served-schema.ts';

const SCHEMA = buildSchema(
  readFileSync(new URL('../../../schema.graphql', import.meta.url), 'utf8'),
);
const DOCS = new URL('../../../docs/api.md', import.meta.url);

type Ends = { readonly edges: { readonly cursor: string }[] };
type Page = Ends & { readonly pageInfo: Readonly<Record<string, boolean | string | null>> };

/** What a list of `Query`, or the question that leads to one, is asked; the ids are filled in below. Other tests fill the same graph. */
const ARGUMENTS: Readonly<Record<string, string>> = {
  commits: 'repository: "https://github.com/acme/shop"',
  builds: 'repository: "https://github.com/acme/shop"',
  artifacts: 'namePrefix: "shop-1."',
  deployments: 'environment: "acme/production"',
  environments: 'scope: "acme"',
  packages: 'namePrefix: "acme-"',
  vulnerabilities: 'idPrefix: "ACME-2020"',
  workflows: 'namePrefix: "no such workflow"',
  events: 'source: "https://ci.example.com/acme"',
  timeline: 'of: $artifact',
  impact: 'of: $vulnerability, environments: ["acme/production"]',
  item: 'deployment: $deployment',
  latestDeployments: 'environment: "acme/production"',
  dependencyPaths: 'of: $deployment, package: "acme-pad"',
  contains: 'deployment: $deployment',
  vulnerabilityReport: 'of: $deployment',
  finding: 'vulnerability: $vulnerability',
  foundIn: 'subject: $deployment',
  diff: 'from: $before, to: $artifact',
  compromise: 'of: $builder, between: { from: "2020-01-01T00:00:00Z", to: "2021-01-01T00:00:00Z" }',
  gaps: 'of: $artifact',
  isDeployed: 'commit: "1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f"',
  eventTypes: 'name: "com.example.review"',
  gates: 'name: "no such gate"',
  watches: 'name: "no such watch"',
  gateStatus: 'ref: "no such key"',
  eventChain: 'id: "https://ci.example.com/acme a2"',
};

/** A full-text search has no end that reading could begin from. */
const FORWARD_ONLY = ['Query.search'];
/** Of what the whole graph lacks, so that they change while this runs: read from both ends in test/integration/explore. */
const OF_ALL_TESTS = ['Query.unresolved', 'Query.deadLetters'];

describe('every list of the schema', () => {
  let field: Field;
  let ids: Record<string, string>;

  beforeAll(async () => {
    field = await startField();
    const text = readFileSync(DOCS, 'utf8');
    await field.post(
      JSON.parse(/<!-- events -->\s*```json\n([^]*?)```/.exec(text)?.[1] ?? '') as object[],
    );
    const idOf = async (ref: string) => (await field.idOf(ref)) ?? '';
    ids = {
      before: await idOf(`sha256:${'a1'.repeat(32)}`),
      artifact: await idOf(`sha256:${'b2'.repeat(32)}`),
      deployment: await idOf('https://ci.example.com/acme#shop-2'),
      builder: await idOf('https://ci.example.com/runner'),
      vulnerability: await idOf('ACME-2020-0001'),
      package: await idOf('pkg:npm/acme-pad'),
      version: await idOf('pkg:npm/acme-pad@1.0.0'),
      commit: await idOf('1f'.repeat(20)),
      child: await idOf('2e'.repeat(20)),
      build: await idOf('https://ci.example.com/acme/runs/2'),
      environment: await idOf('acme/production'),
      repository: await idOf('https://github.com/acme/shop'),
    };
    expect(Object.values(ids)).not.toContain('');
  });
  afterAll(() => field.stop());

  const filled = new Set<string>();
  const lists = connectionFields(SCHEMA)
    .map((list) => [`${list.type.name}.${list.field.name}`, list] as const)
    .filter(([name]) => !FORWARD_ONLY.includes(name) && !OF_ALL_TESTS.includes(name));

  // a time limit of its own for each: every list has statements of its own, which Neo4j plans first
  it.each(lists)(
    '%s is read from both ends, and is the same list',
    async (name, list) => {
      for (const [id, ask] of questions(list)) {
        const forwards = await walk(ask, 'first', 'after', 'endCursor', 'hasNextPage');
        const backwards = await walk(ask, 'last', 'before', 'startCursor', 'hasPreviousPage');
        expect([id, backwards.toReversed()]).toEqual([id, forwards]);
        if (forwards.length > 1) filled.add(name);
      }
    },
    60_000,
  );

  it('has several things in many of them, from the examples', () => {
    expect(filled.size).toBeGreaterThan(15);
    expect(filled).toContain('Artifact.neighbors');
  });

  it('has the arguments for it, as it is served', async () => {
    const schema = buildClientSchema(await field.ask(getIntrospectionQuery()));
    const without = connectionFields(schema)
      .filter(({ field: { args } }) => {
        const names = args.map((argument) => argument.name);
        return !['first', 'after', 'last', 'before'].every((name) => names.includes(name));
      })
      .map(({ type, field: { name } }) => `${type.name}.${name}`);
    expect(without).toEqual(FORWARD_ONLY);
  });

  type Ask = (page: string) => Promise<Page>;

  /** Of what is a part of things, such as the origin of a deployment. */
  function questionsWithin(
    part: GraphQLObjectType,
    fieldOf: (page: string) => string,
  ): [string, Ask][] {
    return partsOfNodes(SCHEMA, part).flatMap(({ type, field: { name } }) =>
      Object.entries(ids)
        .filter(([, id]) => labelOf(id) === type.name)
        .map(([what, id]): [string, Ask] => [
          what,
          async (page) => {
            const query = `query ($id: ID!) { node(id: $id) { ... on ${type.name} { ${name} { list: ${fieldOf(page)} } } } }`;
            return (await field.ask(query, { id })).node[name].list as Page;
          },
        ]),
    );
  }

  /** For each thing that has the list, or for the question that leads to it. */
  function questions({ type, field: { name } }: ConnectionField): [string, Ask][] {
    const of = name === 'neighbors' ? 'types: [GENERATED_BY, CONTAINS, DEPLOYS, TARGETS]' : '';
    const fieldOf = (page: string, given = of): string =>
      `${name}(${given} ${page}) { edges { cursor } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } }`;
    if (implementsNode(type)) {
      const things = Object.entries(ids).filter(([, id]) => labelOf(id) === type.name);
      return things.map(([what, id]) => [
        what,
        async (page) => {
          const query = `query ($id: ID!) { node(id: $id) { ... on ${type.name} { ${fieldOf(page)} } } }`;
          return (await field.ask(query, { id })).node[name] as Page;
        },
      ]);
    }
    const path = pathsFromQuery(SCHEMA).get(type.name);
    // what is reached through a thing is read of all things that have it
    const isPart = path?.some(({ type: step }) => {
      const through = getNamedType(step);
      return isObjectType(through) && implementsNode(through);
    });
    if (path === undefined || isPart === true) return questionsWithin(type, fieldOf);
    const open = path.map((step) => `${step.name}(${ARGUMENTS[step.name]}) {`).join(' ');
    const given = path.length === 0 ? ARGUMENTS[name] : '';
    return [
      [
        'Query',
        async (page) => {
          const body = `{ ${open} ${fieldOf(page, given)} ${'}'.repeat(path.length)} }`;
          const used = Object.keys(ids).filter((id) => new RegExp(`\\$${id}\\b`).test(body));
          const variables = used.map((id) => `$${id}: ID!`).join(', ');
          const head = variables === '' ? 'query' : `query (${variables})`;
          let answer = await field.ask(`${head} ${body}`, ids);
          for (const step of [...path.map((one) => one.name), name]) answer = answer[step];
          return answer as Page;
        },
      ],
    ];
  }
});

/** The kind that a global id begins with. */
function labelOf(id: string): string | undefined {
  return Buffer.from(id, 'base64url').toString().split(':')[0];
}

/** The cursors of all items, page by page. */
async function walk(
  ask: (page: string) => Promise<Page>,
  size: 'first' | 'last',
  cursor: 'after' | 'before',
  onward: 'endCursor' | 'startCursor',
  more: 'hasNextPage' | 'hasPreviousPage',
): Promise<string[]> {
  const items: string[] = [];
  let position = '';
  for (;;) {
    const { edges, pageInfo } = await ask(`${size}: 2${position}`);
    const found = edges.map((edge) => edge.cursor);
    items.push(...(size === 'first' ? found : found.toReversed()));
    if (pageInfo[more] !== true) return items;
    position = `, ${cursor}: ${JSON.stringify(pageInfo[onward])}`;
  }
}
