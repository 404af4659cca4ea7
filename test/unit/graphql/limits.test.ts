import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { getIntrospectionQuery, type GraphQLError } from 'graphql';
import { createTestGraphql, fakeReader, type Asked } from '../../support/graphql.ts';

const none = async () => ({ items: [], more: false });

describe('limits before execution', () => {
  let asked: Asked;
  beforeAll(async () => {
    asked = await createTestGraphql({
      reader: fakeReader({ builds: none, events: none, artifacts: none }),
    });
  });
  afterAll(async () => asked.graphql.stop());

  it('S9 refuses a list of operations', async () => {
    const answer = await asked.send({ body: [{ query: '{ __typename }' }] });
    expect([answer.status, answer.codes]).toEqual([400, ['BAD_REQUEST']]);
  });

  it('S10 refuses 1,000 aliases of one field', async () => {
    const fields = Array.from({ length: 1_000 }, (_, at) => `a${at}: __typename`).join(' ');
    const answer = await asked.ask(`{ ${fields} }`);
    expect([answer.status, answer.codes]).toEqual([400, ['QUERY_TOO_LARGE']]);
  });

  it('S11 refuses a query 50 deep, and one 20,000 deep without a stack overflow', async () => {
    const nested = (depth: number) => 'a { '.repeat(depth) + 'b' + ' }'.repeat(depth);
    const deep = await asked.ask(`{ ${nested(50)} }`);
    expect([deep.status, deep.codes]).toEqual([400, ['QUERY_TOO_DEEP']]);
    const values = await asked.ask(`{ node(id: ${'['.repeat(2_000)}${']'.repeat(2_000)}) { id } }`);
    expect([values.status, values.codes]).toEqual([400, ['QUERY_TOO_DEEP']]);
    const deeper = await asked.ask(`{ ${nested(20_000)} }`);
    expect([deeper.status, deeper.codes]).toEqual([400, ['QUERY_TOO_LARGE']]);
    expect(deeper.text).not.toContain('call stack');
  });

  it('S11 counts the depth of fragments, and survives one that spreads itself', async () => {
    const spread = 'fragment F on Query { node(id: "x") { ...G } } fragment G on Node { id ...G }';
    const answer = await asked.ask(`{ ...F } ${spread}`);
    expect([answer.status, answer.codes]).toEqual([400, ['GRAPHQL_VALIDATION_FAILED']]);
  });

  it.each([
    ['20,000 repeated fields', `{ ${'__typename '.repeat(20_000)} }`],
    ['5,000 directives', `{ __typename ${'@skip(if: false) '.repeat(5_000)} }`],
    ['doubled inline fragments', doubledFragments(25)],
  ])('S12 refuses %s', async (_, query) => {
    const answer = await asked.ask(query);
    expect([answer.status, answer.codes]).toEqual([400, ['QUERY_TOO_LARGE']]);
  });

  it.each([
    ['of page sizes', 'first: $n', 'Int! = 500', 'builds'],
    ['of page sizes from the back', 'last: $n', 'Int = 500', 'builds'],
    ['of limits', 'of: "x", direction: UPSTREAM, limit: $n', 'Int! = 100000', 'lineage'],
    ['of lists of ids', 'ids: $n', `[ID!]! = ${JSON.stringify(Array(500).fill('x'))}`, 'nodes'],
  ])(
    'S13 counts the defaults %s in variables as it counts literals',
    async (_, args, type, field) => {
      const value = type.slice(type.indexOf('=') + 2);
      const below = `{ nodes { ... on Build { artifacts(first: 500) { nodes { id builds { nodes { id } } } } } } }`;
      const select = {
        builds: below,
        lineage: '{ nodes { node { ... on Build { artifacts(first: 500) { nodes { id } } } } } }',
        nodes:
          '{ ... on Build { artifacts(first: 500) { nodes { id builds { nodes { id } } } } } }',
      }[field];
      const literal = await asked.ask(`{ ${field}(${args.replace('$n', value)}) ${select} }`);
      expect([literal.status, literal.codes]).toEqual([400, ['QUERY_TOO_COSTLY']]);
      const byDefault = await asked.ask(`query ($n: ${type}) { ${field}(${args}) ${select} }`);
      expect([byDefault.status, byDefault.codes]).toEqual([400, ['QUERY_TOO_COSTLY']]);
      expect(byDefault.errors[0]?.extensions['cost']).toBe(literal.errors[0]?.extensions['cost']);
    },
  );

  it('S13 counts a variable that is given, not its default', async () => {
    const query =
      'query ($n: Int = 500) { builds(first: $n) { nodes { artifacts(first: 500) { nodes { id builds { nodes { id } } } } } } }';
    expect((await asked.ask(query)).codes).toEqual(['QUERY_TOO_COSTLY']);
    expect((await asked.ask(query, { n: 1 })).status).toBe(200);
    expect((await asked.ask(query, { n: 501 })).codes).toEqual(['PAGE_SIZE_TOO_LARGE']);
  });

  it('S13 refuses what costs too much, with cost and limit, through variables and defaults', async () => {
    const query = `query ($n: Int!) { builds(first: 500) { nodes { artifacts(first: $n) { nodes { builds { nodes { id } } } } } } }`;
    const answer = await asked.ask(query, { n: 500 });
    expect([answer.status, answer.codes]).toEqual([400, ['QUERY_TOO_COSTLY']]);
    expect(answer.errors[0]?.extensions).toMatchObject({ limit: 100_000, retryable: false });
    expect(answer.errors[0]?.extensions['cost']).toBeGreaterThan(100_000);
    expect((await asked.ask(query, { n: 1 })).status).toBe(200);
  });

  type Sizes = { readonly builds: number; readonly artifacts: number; readonly usedBy: number };
  const nested = ({ builds, artifacts, usedBy }: Sizes) =>
    `{ all: builds(first: ${builds}) { nodes { artifacts(first: ${artifacts}) { nodes {
         usedBy(first: ${usedBy}) { nodes { commits(first: 500) { nodes { id } } } } } } } } }`;

  it.each<[string, keyof Sizes, Sizes]>([
    ['all', 'builds', { builds: 500, artifacts: 2, usedBy: 5 }],
    ['all.nodes.artifacts.nodes.usedBy', 'usedBy', { builds: 2, artifacts: 100, usedBy: 500 }],
  ])(
    'S13 names the list that costs most of those that can pass, and the size that does: %s',
    async (list, field, sizes) => {
      const { codes, errors } = await asked.ask(nested(sizes));
      expect(codes).toEqual(['QUERY_TOO_COSTLY']);
      const { passes, ...named } = errors[0]!.extensions as Record<string, number>;
      expect(named).toMatchObject({ list, argument: 'first' });
      expect(errors[0]!.message).toContain(`'${list}', which passes with 'first: ${passes}'`);
      const asking = async (size: number) =>
        (await asked.ask(nested({ ...sizes, [field]: size }))).codes;
      expect(await asking(passes!)).not.toContain('QUERY_TOO_COSTLY');
      expect(await asking(passes! + 1)).toEqual(['QUERY_TOO_COSTLY']);
    },
  );

  it('S13 names none where no list by itself is the cause', async () => {
    const { codes, errors } = await asked.ask(nested({ builds: 500, artifacts: 500, usedBy: 500 }));
    expect(codes).toEqual(['QUERY_TOO_COSTLY']);
    expect(errors[0]!.message).toContain('ask for less at once');
    expect(errors[0]!.extensions).not.toHaveProperty('list');
  });

  it('S13 lets a lineage of 100,000 nodes with its edges pass', async () => {
    const answer = await asked.ask(
      '{ lineage(of: "x", direction: UPSTREAM, limit: 100000) { nodes { depth node { id } } edges { from to claims { claim } } } }',
    );
    expect(answer.codes).toEqual(['BAD_USER_INPUT']); // for the id: it was executed
  });

  it.each([
    ['first: 0', 'BAD_USER_INPUT'],
    ['first: -1', 'BAD_USER_INPUT'],
    ['first: 1000000', 'PAGE_SIZE_TOO_LARGE'],
    ['first: 1, last: 1', 'BAD_USER_INPUT'],
    ['last: 501', 'PAGE_SIZE_TOO_LARGE'],
  ])('S14 refuses %s', async (args, code) => {
    for (const field of ['builds', 'events']) {
      const answer = await asked.ask(`{ ${field}(${args}) { nodes { id } } }`);
      expect([answer.status, answer.codes]).toEqual([400, [code]]);
      expect(answer.errors[0]?.extensions).toMatchObject({ reason: 'PAGE_SIZE', limit: 500 });
    }
  });

  it('S14 takes 50 where first is missing', async () => {
    let limit = 0;
    const own = await createTestGraphql({
      reader: fakeReader({
        builds: async (_, page) => {
          limit = page.limit;
          return none();
        },
      }),
    });
    expect((await own.ask('{ builds { nodes { id } } }')).errors).toEqual([]);
    expect(limit).toBe(50);
    await own.graphql.stop();
  });

  it('S14 refuses the same sizes in a field that each parent has', async () => {
    const answer = await asked.ask('{ builds { nodes { artifacts(first: 0) { nodes { id } } } } }');
    expect([answer.status, answer.codes]).toEqual([400, ['BAD_USER_INPUT']]);
  });

  it('lets the usual introspection query pass', async () => {
    const answer = await asked.ask(getIntrospectionQuery());
    expect([answer.status, answer.errors]).toEqual([200, []]);
  });

  it('gives other transports the same answers', () => {
    const { streaming } = asked.graphql;
    const prepare = (query: string) => streaming.prepare({ query, onDropped: () => undefined });
    const codes = (query: string) =>
      streaming.present(prepare(query) as GraphQLError[], 'r').map(({ extensions }) => extensions);
    expect(codes('{ builds(first: 0) { nodes { id } } }')).toMatchObject([
      { code: 'BAD_USER_INPUT' },
    ]);
    expect(codes('{ nothing }')).toMatchObject([{ code: 'GRAPHQL_VALIDATION_FAILED' }]);
    expect(prepare('{ __typename }')).toHaveProperty('operation.operation', 'query');
  });
});

/** Each level holds the next twice: small text, 2^n root fields. */
function doubledFragments(levels: number): string {
  const fragments = Array.from(
    { length: levels },
    (_, at) => `fragment F${at} on Query { ...F${at + 1} ... on Query { ...F${at + 1} } }`,
  );
  return `{ ...F0 } ${fragments.join(' ')} fragment F${levels} on Query { __typename }`;
}
