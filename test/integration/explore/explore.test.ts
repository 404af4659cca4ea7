import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import neo4j from 'neo4j-driver';
import { createReader } from '../../../src/graph/read/reader.ts';
import { loadStatements } from '../../../src/graph/statement.ts';
import { toId } from '../../../src/graphql/ids.ts';
import { createSeed, type Seed } from '../../support/graph-seed.ts';
import { createTestGraphql, type Answer, type Asked } from '../../support/graphql.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

describe('looking around', () => {
  let seed: Seed;
  let asked: Asked;
  beforeAll(async () => {
    seed = await createSeed();
    asked = await createTestGraphql({ reader: createReader(seed.graph, loadStatements()) });
  });
  afterAll(async () => {
    await asked.graphql.stop();
    await seed.close();
  });

  async function data(query: string, variables?: Record<string, unknown>): Promise<Answer['data']> {
    const answer = await asked.ask(query, variables);
    expect(answer.errors).toEqual([]);
    return answer.data;
  }

  /** Every node of a connection, page by page. */
  async function collect(
    query: string,
    variables: Record<string, unknown>,
    field: string,
  ): Promise<Record<string, unknown>[]> {
    const nodes: Record<string, unknown>[] = [];
    let after: string | null = null;
    for (let pages = 0; pages < 50; pages += 1) {
      const page: Answer['data'] = (await data(query, { ...variables, after }))[field];
      nodes.push(...page.nodes);
      if (page.pageInfo.hasNextPage === false) return nodes;
      after = page.pageInfo.endCursor as string;
    }
    throw new Error('The pages do not end.');
  }

  /** From the last page to the first, and each page from its last item to its first. */
  async function collectBackwards(
    given: string,
    field: string,
  ): Promise<Record<string, unknown>[]> {
    const nodes: Record<string, unknown>[] = [];
    let before: string | null = null;
    for (let pages = 0; pages < 50; pages += 1) {
      const page: Answer['data'] = (
        await data(
          `query ($before: String) { ${field}(${given}, last: 2, before: $before) {
            nodes { key } pageInfo { hasPreviousPage startCursor } } }`,
          { before },
        )
      )[field];
      nodes.push(...page.nodes.toReversed());
      if (page.pageInfo.hasPreviousPage === false) return nodes;
      before = page.pageInfo.startCursor as string;
    }
    throw new Error('The pages do not end.');
  }

  async function indexed(): Promise<void> {
    const driver = neo4j.driver(
      process.env['STEMMA_TEST_NEO4J_URI']!,
      neo4j.auth.basic('neo4j', process.env['STEMMA_TEST_NEO4J_PASSWORD']!),
    );
    await driver.executeQuery('CALL db.index.fulltext.awaitEventuallyConsistentIndexRefresh()');
    await driver.close();
  }

  describe('timeline', () => {
    const query = `query ($of: ID!, $after: String) { timeline(of: $of, first: 2, after: $after) {
      nodes { eventId } edges { cursor } truncated pageInfo { hasNextPage endCursor } } }`;

    it('is every event about a thing, its relations and who claims them, each once, by effective time', async () => {
      const [build, artifact, commit] = [
        seed.ref('Build', 'tl-b'),
        seed.ref('Artifact', 'tl-a'),
        seed.ref('Commit', 'tl-c'),
      ];
      const n = seed.n + 1_000;
      const document = 'd'.repeat(56) + seed.prefix.slice(1);
      await seed.edges([
        [artifact, 'GENERATED_BY', build, { claim: `urn:${seed.prefix} e${n + 3}` }],
        [build, 'BUILT_FROM', commit, { claim: document }],
      ]);
      await seed.events([
        { n, at: 5_000, subjectRef: `Build:${build.key}` },
        { n: n + 1, at: 1_000, subjectRef: `Build:${build.key}` },
        { n: n + 2, at: 3_000, subjectRef: `Commit:${commit.key}` },
        { n: n + 3, at: 5_000, subjectRef: `Artifact:${artifact.key}` },
        { n: n + 4, at: 2_000, subjectRef: `Document:${document}` },
        { n: n + 5, at: 4_000, subjectRef: `Build:${build.key}x` },
      ]);
      const nodes = await collect(query, { of: toId(build) }, 'timeline');
      expect(nodes.map(({ eventId }) => eventId)).toEqual(
        [1, 4, 2, 0, 3].map((at) => `e${n + at}`),
      );
    });

    it('of a thing without events or relations is empty, and of nothing is NOT_FOUND', async () => {
      const alone = seed.ref('Artifact', 'tl-alone');
      await seed.nodes([alone]);
      expect(await collect(query, { of: toId(alone) }, 'timeline')).toEqual([]);
      const answer = await asked.ask(query, { of: toId(seed.ref('Artifact', 'tl-none')) });
      expect(answer.codes).toEqual(['NOT_FOUND']);
    });

    it('says where it is cut', async () => {
      const hub = seed.ref('Builder', 'tl-hub');
      await seed.edges(
        Array.from({ length: 1_001 }, (_, at) => [seed.ref('Build', `tl-h${at}`), 'RAN_ON', hub]),
      );
      const { timeline } = await data(query, { of: toId(hub), after: null });
      expect(timeline.truncated).toBe(true);
    });
  });

  describe('search', () => {
    const query = `query ($text: String!, $kinds: [String!], $after: String) {
      search(text: $text, kinds: $kinds, first: 2, after: $after) {
        nodes { label key } edges { match node { key } } pageInfo { hasNextPage endCursor } } }`;
    const keys = async (text: string, kinds: string[] | null = null) =>
      (await collect(query, { text, kinds }, 'search')).map(({ key }) => key);
    const hex = () => Buffer.from(seed.prefix).toString('hex');

    it('finds commits and artifacts by the beginning of their ids, each once', async () => {
      const commits = ['a1', 'a2', 'b'].map(
        (end) => `${hex()}${end.padEnd(40 - hex().length, '0')}`,
      );
      await seed.nodes([
        ...commits.map((key) => ({ label: 'Commit' as const, key, properties: { message: key } })),
        { label: 'Artifact', key: `sha256:${hex().padEnd(64, 'a')}` },
      ]);
      await indexed();
      expect(await keys(`${hex()}a`)).toEqual([
        ...commits.slice(0, 2),
        `sha256:${hex().padEnd(64, 'a')}`,
      ]);
      expect(await keys(hex())).toEqual([...commits, `sha256:${hex().padEnd(64, 'a')}`]);
      expect(await keys(`sha256:${hex()}`)).toEqual([`sha256:${hex().padEnd(64, 'a')}`]);
      expect(await keys(hex(), ['Artifact'])).toEqual([`sha256:${hex().padEnd(64, 'a')}`]);
    });

    it('finds package versions by the beginning of their purl, and packages by the words of it', async () => {
      const purl = `pkg:npm/%40${seed.prefix}/tool`;
      await seed.nodes([
        { label: 'Package', key: purl, properties: { name: 'tool', namespace: `@${seed.prefix}` } },
        { label: 'PackageVersion', key: `${purl}@1.0.0` },
        { label: 'PackageVersion', key: `${purl}@1.1.0` },
        { label: 'PackageVersion', key: `${purl}@2.0.0` },
      ]);
      await indexed();
      expect(await keys(`${purl}@1`)).toEqual([`${purl}@1.0.0`, `${purl}@1.1.0`]);
      expect(await keys(purl)).toHaveLength(4);
      expect(await keys(`${seed.prefix} tool`)).toContain(purl);
    });

    it('finds things by all words of a name or message, the last of them begun', async () => {
      const word = `w${seed.prefix}`;
      const [build, commit, other] = [
        seed.ref('Build', 'ft-b'),
        seed.ref('Commit', 'ft-c'),
        seed.ref('Commit', 'ft-o'),
      ];
      await seed.nodes([
        { ...build, properties: { name: `${word}-linux-amd64` } },
        { ...commit, properties: { message: `Fix the ${word}\n\nIt crashed on linux at 3.14.1` } },
        { ...other, properties: { message: `Fix ${word}` } },
      ]);
      await indexed();
      expect((await keys(`${word} linux`)).toSorted()).toEqual([build.key, commit.key].toSorted());
      expect(await keys(`${word}-linux-am`)).toEqual([build.key]);
      expect(await keys(`crashed ${word}`)).toEqual([commit.key]);
      expect(await keys(`${word} 3.14`)).toEqual([commit.key]);
      expect(await keys(`fix ${word}`, ['Build'])).toEqual([]);
      expect(await keys(word)).toHaveLength(3);
    });

    it.each([
      ['AND'],
      ['foo AND'],
      ['name:(x'],
      ['"'],
      ['\\'],
      ['a* OR b~ ^2 [x TO y] {z} !(&&||) /re/'],
      ['*:*'],
      ['-x +y'],
      ['é中'],
      ['...'],
    ])('takes %s for words, not for commands', async (text) => {
      const answer = await asked.ask(query, { text: `${text} ${seed.prefix}nothing`, after: null });
      expect(answer.errors).toEqual([]);
      expect(answer.data.search.nodes).toEqual([]);
    });

    it('refuses what is not a kind, and an empty text', async () => {
      expect((await asked.ask(query, { text: 'x', kinds: ['Nothing'] })).codes).toEqual([
        'NOT_FOUND',
      ]);
      expect((await asked.ask(query, { text: ' ' })).codes).toEqual(['BAD_USER_INPUT']);
    });
  });

  it('unresolved lists what is referred to and was never stated, page by page', async () => {
    const stated = seed.ref('Step', 'u-stated');
    await seed.nodes([stated]);
    const driver = neo4j.driver(
      process.env['STEMMA_TEST_NEO4J_URI']!,
      neo4j.auth.basic('neo4j', process.env['STEMMA_TEST_NEO4J_PASSWORD']!),
    );
    await driver.executeQuery(
      `UNWIND range(1, 5) AS i MERGE (s:Step {key: $p + 'u' + i}) MERGE (w:Workflow {key: $p + 'uw'}) CREATE (s)-[:PART_OF {claim: 'c', validFrom: 1, knownFrom: 1}]->(w)`,
      { p: seed.prefix },
    );
    await driver.close();
    const query = `query ($label: String, $after: String) { unresolved(label: $label, first: 2, after: $after) {
      nodes { key resolved } pageInfo { hasNextPage endCursor } } }`;
    const mine = (await collect(query, { label: 'Step' }, 'unresolved')).filter(({ key }) =>
      String(key).startsWith(seed.prefix),
    );
    expect(mine).toEqual(
      [1, 2, 3, 4, 5].map((at) => ({ key: `${seed.prefix}u${at}`, resolved: false })),
    );
    const fromTheEnd = (await collectBackwards('label: "Step"', 'unresolved')).map(
      ({ key }) => key,
    );
    expect(fromTheEnd.filter((key) => String(key).startsWith(seed.prefix))).toEqual(
      mine.map(({ key }) => key).toReversed(),
    );
    const all = await collect(
      query.replace('first: 2', 'first: 500'),
      { label: null },
      'unresolved',
    );
    expect(all.map(({ key }) => key)).toContain(`${seed.prefix}uw`);
  });

  it('eventChain follows causation ids in both directions, by identity and by id, and ends in a circle', async () => {
    const n = seed.n + 2_000;
    const correlationId = `${seed.prefix} chain`;
    const key = (at: number) => `urn:${seed.prefix} e${n + at}`;
    await seed.events([
      { n, correlationId },
      { n: n + 1, causationId: key(0), correlationId },
      { n: n + 2, causationId: `e${n + 1}` }, // an id alone: of the same source
      { n: n + 3, causationId: key(1) },
      { n: n + 4, causationId: key(2) },
      { n: n + 5, causationId: `e${n + 1}`, source: 'urn:other', key: `urn:other e${n + 5}` },
      { n: n + 6, causationId: key(7) },
      { n: n + 7, causationId: key(6) },
    ]);
    const query = `query ($id: ID!) { eventChain(id: $id) { event { eventId } causes { eventId }
      effects { depth event { eventId } } correlated { nodes { eventId } } truncated } }`;
    const { eventChain } = await data(query, { id: key(1) });
    expect(eventChain).toEqual({
      event: { eventId: `e${n + 1}` },
      causes: [{ eventId: `e${n}` }],
      effects: [
        { depth: 1, event: { eventId: `e${n + 2}` } },
        { depth: 1, event: { eventId: `e${n + 3}` } },
        { depth: 2, event: { eventId: `e${n + 4}` } },
      ],
      correlated: { nodes: [{ eventId: `e${n}` }, { eventId: `e${n + 1}` }] },
      truncated: false,
    });
    const circle = (await data(query, { id: toId({ label: 'Event', key: key(6) }) })).eventChain;
    expect(circle.causes).toEqual([{ eventId: `e${n + 7}` }]);
    expect(circle.effects).toEqual([{ depth: 1, event: { eventId: `e${n + 7}` } }]);
    expect((await data(query, { id: key(99) })).eventChain).toBeNull();
  });

  describe('statistics', () => {
    // a span that no other test writes into
    const start = Date.UTC(2031, 0, 1) + Math.floor(Math.random() * 10_000) * DAY;
    const iso = (time: number) => new Date(time).toISOString();

    it('counts events per day and type, and deployments with their lead time and failures', async () => {
      const n = seed.n + 3_000;
      const environment = seed.ref('Environment', '/production');
      const deployments = ['d0', 'd1', 'd2', 'd3'].map((key) => seed.ref('Deployment', key));
      const [artifact, build, commit, tag] = [
        seed.ref('Artifact', 's-a'),
        seed.ref('Build', 's-b'),
        seed.ref('Commit', 's-c'),
        seed.ref('Resource', 's-t'),
      ];
      await seed.edges([
        ...deployments.map((one) => [one, 'TARGETS', environment] as const),
        [deployments[0]!, 'DEPLOYS', artifact],
        [deployments[1]!, 'DEPLOYS', tag],
        [deployments[3]!, 'DEPLOYS', seed.ref('Artifact', 's-other')],
        [tag, 'RESOLVED_TO', artifact],
        [artifact, 'GENERATED_BY', build],
        [build, 'BUILT_FROM', commit],
      ]);
      await seed.nodes([
        { ...commit, properties: { committedAt: start - HOUR } },
        { ...deployments[0]!, properties: { createdAt: start, completedAt: start + HOUR } },
        {
          ...deployments[1]!,
          properties: { completedAt: start + DAY, rolledBackAt: start + DAY + 1 },
        },
        { ...deployments[2]!, properties: { failedAt: start + DAY + 5 } },
        { ...deployments[3]!, properties: { createdAt: start + DAY + 6 } },
      ]);
      const about = (at: number) => `Deployment:${deployments[at]!.key}`;
      // questions of other tests read what the log says of every deployment
      const created = JSON.stringify({
        ...{ specversion: '1.0', id: 'e', source: 'urn:ci', type: 'deployment.created' },
        data: { deployment: 'd', environment: 'prod', artifacts: [] },
      });
      await seed.events([
        { n, type: 'deployment.created', at: start, subjectRef: about(0), body: created },
        { n: n + 1, type: 'deployment.completed', at: start + HOUR, subjectRef: about(0) },
        { n: n + 2, type: 'deployment.completed', at: start + DAY, subjectRef: about(1) },
        { n: n + 3, type: 'deployment.failed', at: start + DAY + 5, subjectRef: about(2) },
        {
          n: n + 4,
          type: 'deployment.created',
          at: start + DAY + 6,
          subjectRef: about(3),
          body: created,
        },
        { n: n + 5, type: 'com.example.custom', at: start + DAY + 7 },
        { n: n + 6, type: 'deployment.completed', at: start + 2 * DAY, subjectRef: about(3) },
      ]);
      const query = `query ($since: DateTime!, $until: DateTime, $environment: String) {
        statistics(since: $since, until: $until, environment: $environment) {
          events { day type count }
          deployments { succeeded failed rolledBack perDay changeFailureRate medianLeadTimeSeconds withCommit complete
            days { day succeeded failed } }
          things { label count } unresolved { label unresolved examined } attestations { trust count } } }`;
      const span = { since: iso(start), until: iso(start + 2 * DAY) };
      const { statistics } = await data(query, { ...span, environment: environment.key });
      // each type that there was stands for each day
      expect(statistics.events).toEqual([
        { day: iso(start), type: 'custom', count: 0 },
        { day: iso(start), type: 'deployment.completed', count: 1 },
        { day: iso(start), type: 'deployment.created', count: 1 },
        { day: iso(start), type: 'deployment.failed', count: 0 },
        { day: iso(start + DAY), type: 'custom', count: 1 },
        { day: iso(start + DAY), type: 'deployment.completed', count: 1 },
        { day: iso(start + DAY), type: 'deployment.created', count: 1 },
        { day: iso(start + DAY), type: 'deployment.failed', count: 1 },
      ]);
      expect(statistics.deployments).toEqual({
        ...{ succeeded: 3, failed: 1, rolledBack: 1, perDay: 1.5, changeFailureRate: 0.5 },
        medianLeadTimeSeconds: ((2 + 25) / 2) * 3_600,
        ...{ withCommit: 2, complete: true },
        days: [
          { day: iso(start), succeeded: 1, failed: 0 },
          { day: iso(start + DAY), succeeded: 2, failed: 1 },
        ],
      });
      expect(
        statistics.things.find(({ label }: { label: string }) => label === 'Event').count,
      ).toBeGreaterThan(6);
      expect(statistics.unresolved.length).toBeGreaterThan(5);
      expect(statistics.attestations.map(({ trust }: { trust: string }) => trust)).toEqual([
        ...['INVALID', 'UNVERIFIED', 'SIGNED', 'TRUSTED'],
      ]);
      const nowhere = await asked.ask(query, { ...span, environment: 'nowhere' });
      expect(nowhere.codes).toEqual(['NOT_FOUND']);
    });

    it('refuses a span that ends before it begins, or is too long', async () => {
      const query =
        'query ($a: DateTime!, $b: DateTime) { statistics(since: $a, until: $b) { since } }';
      expect((await asked.ask(query, { a: iso(start), b: iso(start) })).codes).toEqual([
        'BAD_USER_INPUT',
      ]);
      expect((await asked.ask(query, { a: iso(0), b: iso(start) })).codes).toEqual([
        'BAD_USER_INPUT',
      ]);
    });
  });

  it('export gives a lineage and a difference as text in every format', async () => {
    const [a, b, build, commit] = [
      seed.ref('Artifact', 'x-a'),
      seed.ref('Artifact', 'x-b'),
      seed.ref('Build', 'x-build'),
      seed.ref('Commit', 'x-c'),
    ];
    await seed.edges([
      [a, 'GENERATED_BY', build],
      [build, 'BUILT_FROM', commit],
      [b, 'DERIVED_FROM', a],
    ]);
    const query = `query ($of: ID!, $format: ExportFormat!, $other: ID) { export(of: $of, format: $format, comparedWith: $other) }`;
    for (const format of [
      'JSON',
      'NDJSON',
      'DOT',
      'MERMAID',
      'GRAPHML',
      'CSV',
      'PROV_JSON',
      'OPENLINEAGE',
    ]) {
      const answer = await data(query, { of: toId(a), format });
      expect(answer.export).toContain(build.key);
    }
    const json = JSON.parse(
      (await data(query, { of: toId(a), format: 'JSON', other: toId(b) })).export,
    );
    const changes = Object.fromEntries(
      json.nodes.map(({ key, change }: { key: string; change?: string }) => [key, change ?? null]),
    );
    expect(changes).toEqual({
      [a.key]: null,
      [b.key]: 'ADDED',
      [build.key]: null,
      [commit.key]: null,
    });
  });

  it('export answers for another moment: lineage, paths and difference', async () => {
    const [a, b, build] = [
      seed.ref('Artifact', 'y-a'),
      seed.ref('Artifact', 'y-b'),
      seed.ref('Build', 'y-build'),
    ];
    const [early, late] = [1_700_000_000_000, 1_710_000_000_000];
    await seed.edges([
      [a, 'GENERATED_BY', build, { validFrom: early }],
      [b, 'DERIVED_FROM', a, { validFrom: late, knownFrom: 9 }],
    ]);
    const query = `query ($of: ID!, $to: ID, $other: ID, $asOf: AsOf) {
      export(of: $of, to: $to, comparedWith: $other, format: JSON, asOf: $asOf) }`;
    const edgesOf = async (variables: object, asOf: object | null) => {
      const answer = await data(query, { of: toId(b), ...variables, asOf });
      const { edges } = JSON.parse(answer.export) as { edges: { type: string }[] };
      return edges.map(({ type }) => type).sort();
    };
    const before = { valid: new Date(late - 1).toISOString() };
    const both = ['DERIVED_FROM', 'GENERATED_BY'];
    for (const variables of [{}, { to: toId(build) }, { other: toId(a) }]) {
      expect(await edgesOf(variables, null)).toEqual(both);
      expect(await edgesOf(variables, { valid: new Date(late).toISOString() })).toEqual(both);
      // of the difference, what the other one was made from is left
      const left = 'other' in variables ? ['GENERATED_BY'] : [];
      expect(await edgesOf(variables, before)).toEqual(left);
      expect(await edgesOf(variables, { known: 8 })).toEqual(left);
    }
  });
});
