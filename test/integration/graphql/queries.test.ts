import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { loadStatements } from '../../../src/graph/statement.ts';
import { createReader } from '../../../src/graph/read/reader.ts';
import { toId } from '../../../src/graphql/ids.ts';
import { createSeed, type Seed } from '../../support/graph-seed.ts';
import { createTestGraphql, type Answer, type Asked } from '../../support/graphql.ts';

/** Texts that would be code somewhere. */
const HOSTILE = [
  "' OR 1=1 //",
  "x'}) DETACH DELETE n //",
  '`) MATCH (n) RETURN n //',
  '$key',
  '{{type}}',
  '\\u0027}) RETURN 1 //',
  'a" } ] ) { __typename } #',
  '%',
  '.*',
];

describe('queries', () => {
  let seed: Seed;
  let asked: Asked;
  let reads = 0;
  beforeAll(async () => {
    seed = await createSeed();
    const graph = {
      read: async (...args: Parameters<Seed['graph']['read']>) => {
        reads += 1;
        return seed.graph.read(...args);
      },
      stream: (...args: Parameters<Seed['graph']['stream']>) => {
        reads += 1;
        return seed.graph.stream(...args);
      },
    };
    asked = await createTestGraphql({ reader: createReader(graph, loadStatements()) });
  });
  afterAll(async () => {
    await asked.graphql.stop();
    await seed.close();
  });

  async function data(query: string, variables?: Record<string, unknown>) {
    const answer = await asked.ask(query, variables);
    expect(answer.errors).toEqual([]);
    return answer.data;
  }
  const keysOf = (page: { nodes: { key: string }[] }) => page.nodes.map(({ key }) => key);

  /** Every item of a list, page by page. */
  async function collect(
    query: string,
    variables: Record<string, unknown>,
    path: (data: Answer['data']) => Answer['data'],
  ) {
    const items: string[] = [];
    let cursor: string | null = null;
    for (let pages = 0; pages < 50; pages += 1) {
      const page = path(await data(query, { ...variables, cursor }));
      items.push(
        ...page.nodes.map((node: { key?: string; eventId?: string }) => node.key ?? node.eventId),
      );
      expect(page.edges.map(({ cursor }: { cursor: string }) => cursor).at(-1) ?? null).toBe(
        page.pageInfo.endCursor,
      );
      if (page.pageInfo.hasNextPage === false) return items;
      cursor = page.pageInfo.endCursor as string;
    }
    throw new Error('The pages do not end.');
  }

  it('node and nodes find things and events of every kind, in order', async () => {
    const [a, b] = [seed.ref('Artifact', 'n1'), seed.ref('Builder', 'n2')];
    await seed.nodes([a, b]);
    await seed.events([{ n: seed.n, subjectRef: `Artifact:${a.key}`, clockSkew: true }]);
    const event = { label: 'Event' as const, key: `urn:${seed.prefix} e${seed.n}` };
    const ids = [toId(event), toId(b), toId(seed.ref('Build', 'nowhere')), toId(a)];
    const query = `query ($ids: [ID!]!) { nodes(ids: $ids) { __typename id
      ... on Entity { key resolved } ... on Event { position clockSkew data body subjectEntity { key } } } }`;
    expect((await data(query, { ids })).nodes).toEqual([
      {
        __typename: 'Event',
        id: ids[0],
        position: seed.n,
        clockSkew: true,
        data: { n: seed.n },
        body: JSON.stringify({ data: { n: seed.n } }),
        subjectEntity: { key: a.key },
      },
      { __typename: 'Builder', id: ids[1], key: b.key, resolved: true },
      null,
      { __typename: 'Artifact', id: ids[3], key: a.key, resolved: true },
    ]);
  });

  it('lists page forwards and backwards without loss or repetition', async () => {
    const refs = Array.from({ length: 25 }, (_, at) =>
      seed.ref('Artifact', `page${String(at).padStart(2, '0')}`),
    );
    const name = `${seed.prefix} paged`;
    await seed.nodes(refs.map((one) => ({ ...one, properties: { name } })));
    const query = `query ($name: String, $cursor: String) { artifacts(namePrefix: $name, first: 7, after: $cursor) {
      nodes { key } edges { cursor } pageInfo { hasNextPage endCursor } } }`;
    const all = await collect(query, { name }, (answer) => answer.artifacts);
    expect(all).toEqual(refs.map(({ key }) => key));
    const back = await data(
      `query ($name: String) { artifacts(namePrefix: $name, last: 3) { nodes { key } pageInfo { hasPreviousPage hasNextPage startCursor } } }`,
      { name },
    );
    expect(keysOf(back.artifacts)).toEqual(all.slice(-3));
    expect(back.artifacts.pageInfo).toMatchObject({ hasPreviousPage: true, hasNextPage: false });
    const before = await data(
      `query ($name: String, $before: String) { artifacts(namePrefix: $name, last: 3, before: $before) { nodes { key } } }`,
      { name, before: back.artifacts.pageInfo.startCursor },
    );
    expect(keysOf(before.artifacts)).toEqual(all.slice(-6, -3));
  });

  it('events page in both orders without loss or repetition, also while new ones arrive', async () => {
    const first = seed.n + 100;
    const correlationId = `${seed.prefix} c`;
    await seed.events(Array.from({ length: 20 }, (_, at) => ({ n: first + at, correlationId })));
    const query = (
      order: string,
    ) => `query ($c: String, $cursor: String) { events(correlationId: $c, order: ${order}, first: 6, after: $cursor) {
      nodes { eventId } edges { cursor } pageInfo { hasNextPage endCursor } } }`;
    const expected = Array.from({ length: 20 }, (_, at) => `e${first + at}`);
    expect(
      await collect(query('OLDEST_FIRST'), { c: correlationId }, (answer) => answer.events),
    ).toEqual(expected);
    const page = await data(query('NEWEST_FIRST'), { c: correlationId, cursor: null });
    await seed.events([{ n: first + 20, correlationId }]);
    const next = await data(query('NEWEST_FIRST'), {
      c: correlationId,
      cursor: page.events.pageInfo.endCursor,
    });
    expect([...page.events.nodes, ...next.events.nodes].map(({ eventId }) => eventId)).toEqual(
      expected.toReversed().slice(0, 12),
    );
  });

  it('events are found by type, source, subject, time, workflow and outcome', async () => {
    const n = seed.n + 200;
    const subject = seed.ref('Build', 'subject');
    const own = { source: `urn:${seed.prefix}:own` };
    await seed.events([
      {
        ...own,
        n,
        type: 'build.completed',
        outcome: 'failure',
        at: 1_000,
        workflowId: `${seed.prefix}w`,
      },
      {
        ...own,
        n: n + 1,
        type: 'build.started',
        subject: `${seed.prefix}s`,
        at: 2_000,
        subjectRef: `Build:${subject.key}`,
      },
    ]);
    const found = async (filter: string) =>
      (
        await data(`{ events(source: "${own.source}", ${filter}) { nodes { position } } }`)
      ).events.nodes.map(({ position }: { position: number }) => position - n);
    expect(await found('type: "build.completed"')).toEqual([0]);
    expect(await found('outcome: "failure"')).toEqual([0]);
    expect(await found(`workflowId: "${seed.prefix}w"`)).toEqual([0]);
    expect(await found(`subject: "${seed.prefix}s"`)).toEqual([1]);
    expect(await found(`subject: "Build:${subject.key}"`)).toEqual([1]);
    expect(await found(`subject: "${toId(subject)}"`)).toEqual([1]);
    expect(await found('since: "1970-01-01T00:00:02Z"')).toEqual([1]);
    expect(await found('until: "1970-01-01T00:00:02Z"')).toEqual([0]);
    expect(await found('order: OLDEST_FIRST')).toEqual([0, 1]);
    await seed.nodes([subject]);
    const { node } = await data(
      `query ($id: ID!) { node(id: $id) { ... on Build { events(first: 1) { nodes { position subject } pageInfo { hasNextPage } } } } }`,
      { id: toId(subject) },
    );
    expect(node.events).toEqual({
      nodes: [{ position: n + 1, subject: `${seed.prefix}s` }],
      pageInfo: { hasNextPage: false },
    });
  });

  it('lists filter by what is around and by state', async () => {
    const repository = `https://example.org/${seed.prefix}/repo`;
    const commit = seed.ref('Commit', 'lc');
    const [queued, done] = [seed.ref('Build', 'lb1'), seed.ref('Build', 'lb2')];
    const [d1, d2] = [seed.ref('Deployment', 'ld1'), seed.ref('Deployment', 'ld2')];
    const environment = { label: 'Environment' as const, key: `-/${seed.prefix}prod` };
    const service = { label: 'Service' as const, key: `-/${seed.prefix}web` };
    await seed.edges([
      [commit, 'IN_REPOSITORY', { label: 'Repository', key: repository }],
      [queued, 'BUILT_FROM', commit],
      [done, 'BUILT_FROM', commit],
      [d1, 'TARGETS', environment],
      [d1, 'TARGETS', service],
      [d2, 'TARGETS', environment],
      [d2, 'TARGETS', service, { endValid: [1] }],
    ]);
    await seed.nodes([
      {
        ...commit,
        properties: {
          message: 'first line\nsecond',
          committedAt: 5_000,
          authorEmail: 'a@example.org',
        },
      },
      { ...queued, properties: { queuedAt: 1_000 } },
      {
        ...done,
        properties: {
          queuedAt: 1_000,
          startedAt: 3_000,
          outcome: 'failure',
          parameters: '{"a":1}',
        },
      },
      { ...environment, properties: { name: `${seed.prefix}prod` } },
      { ...service, properties: { name: `${seed.prefix}web` } },
      { ...d1, properties: { createdAt: 1, completedAt: 2, environment: environment.key } },
      { ...d2, properties: { createdAt: 1, failedAt: 2 } },
    ]);
    const found = await data(`{
      commits(repository: "git+${repository}.git", author: "a@example.org") { nodes { key name committedAt repository { key name } } }
      queued: builds(repository: "${repository}", state: QUEUED) { nodes { key state } }
      failed: builds(repository: "${repository}", state: FAILURE, since: "1970-01-01T00:00:03Z") { nodes { key state outcome parameters } }
      here: deployments(environment: "${seed.prefix}prod") { nodes { key state environment { key } service { key } } }
      both: deployments(environment: "-/${seed.prefix}prod", service: "${seed.prefix}web") { nodes { key } }
      service: deployments(service: "${seed.prefix}web", state: COMPLETED) { nodes { key } }
    }`);
    expect(found).toEqual({
      commits: {
        nodes: [
          {
            key: commit.key,
            name: 'first line',
            committedAt: '1970-01-01T00:00:05.000Z',
            repository: { key: repository, name: `${seed.prefix}/repo` },
          },
        ],
      },
      queued: { nodes: [{ key: queued.key, state: 'QUEUED' }] },
      failed: {
        nodes: [{ key: done.key, state: 'FAILURE', outcome: 'FAILURE', parameters: { a: 1 } }],
      },
      here: {
        nodes: [
          {
            key: d1.key,
            state: 'COMPLETED',
            environment: { key: environment.key },
            service: { key: service.key },
          },
          { key: d2.key, state: 'FAILED', environment: { key: environment.key }, service: null },
        ],
      },
      both: { nodes: [{ key: d1.key }] },
      service: { nodes: [{ key: d1.key }] },
    });
  });

  it('asks once for the neighbours of all parents', async () => {
    const builds = Array.from({ length: 10 }, (_, at) => seed.ref('Build', `batch${at}`));
    const artifacts = builds.flatMap((build, at) =>
      [0, 1, 2].map((i) => ({ build, artifact: seed.ref('Artifact', `batch${at}-${i}`) })),
    );
    await seed.edges(artifacts.map(({ build, artifact }) => [artifact, 'GENERATED_BY', build]));
    await seed.nodes(
      builds.map((one) => ({ ...one, properties: { name: `${seed.prefix} batch` } })),
    );
    reads = 0;
    const { builds: page } = await data(
      `{ builds(namePrefix: "${seed.prefix} batch") { nodes { key artifacts(first: 2) { nodes { key builds { nodes { key } } } pageInfo { hasNextPage } } builder { key } events { nodes { id } } } } }`,
    );
    expect(page.nodes).toHaveLength(10);
    for (const { key, artifacts } of page.nodes) {
      expect(artifacts.nodes).toHaveLength(2);
      expect(artifacts.pageInfo.hasNextPage).toBe(true);
      expect(artifacts.nodes[0].builds.nodes).toEqual([{ key }]);
    }
    expect(reads).toBe(5); // builds, artifacts, their builds, builders, events
  });

  it('neighbors page over every type and direction without loss or repetition', async () => {
    const centre = seed.ref('Artifact', 'centre');
    const around = (label: 'Build' | 'Artifact' | 'PackageVersion' | 'Deployment', count: number) =>
      Array.from({ length: count }, (_, at) => seed.ref(label, `around-${label}${at}`));
    await seed.edges([
      ...around('Build', 3).map((one) => [centre, 'GENERATED_BY', one] as const),
      ...around('Build', 2).map((one) => [one, 'USED', centre] as const),
      ...around('PackageVersion', 4).map((one) => [centre, 'CONTAINS', one] as const),
      ...around('Deployment', 3).map((one) => [one, 'DEPLOYS', centre, { trust: 2 }] as const),
      [centre, 'SAME_AS', centre],
    ]);
    const query = `query ($id: ID!, $cursor: String) { node(id: $id) { ... on Entity { neighbors(first: 4, after: $cursor) {
      nodes { key } edges { cursor type direction trust claims { claimant } } pageInfo { hasNextPage endCursor } } } } }`;
    const all = await collect(query, { id: toId(centre) }, (answer) => answer.node.neighbors);
    expect(all).toHaveLength(3 + 2 + 4 + 3 + 2);
    const { node } = await data(
      `query ($id: ID!) { node(id: $id) { ... on Entity { neighbors(direction: IN, types: [DEPLOYS]) { edges { type direction trust claims { claimant } } } } } }`,
      { id: toId(centre) },
    );
    expect(node.neighbors.edges[0]).toEqual({
      type: 'DEPLOYS',
      direction: 'IN',
      trust: 'SIGNED',
      claims: [{ claimant: `urn:${seed.prefix}` }],
    });
  });

  describe('resolve', () => {
    const hex = (text: string, length: number) =>
      Buffer.from(text.repeat(8)).toString('hex').slice(0, length);
    const resolve = async (ref: string) =>
      asked.ask('query ($ref: String!) { resolve(ref: $ref) { label key } }', { ref });

    it('finds a thing by each kind of reference, and answers null for what is unknown', async () => {
      const sha = hex(seed.prefix, 40);
      const digest = `sha256:${hex(`${seed.prefix}x`, 64)}`;
      const at = `example.org/${seed.prefix}`;
      const refs = [
        { label: 'Commit' as const, key: sha },
        { label: 'Artifact' as const, key: digest },
        { label: 'PackageVersion' as const, key: `pkg:npm/${seed.prefix}@1.0.0` },
        { label: 'Package' as const, key: `pkg:npm/${seed.prefix}` },
        { label: 'Build' as const, key: `https://ci.${at}/runs/1` },
        { label: 'Repository' as const, key: `https://${at}` },
        { label: 'Deployment' as const, key: `urn:ci#${seed.prefix}-deploy` },
        { label: 'Build' as const, key: `urn:ci#${seed.prefix}-build` },
        { label: 'Environment' as const, key: `team/${seed.prefix}-staging` },
        { label: 'Vulnerability' as const, key: `CVE-${seed.prefix.toUpperCase()}` },
        { label: 'Resource' as const, key: `docker://${at}/app:1` },
      ];
      await seed.nodes(refs);
      const [
        commit,
        artifact,
        version,
        pack,
        build,
        repository,
        deployment,
        run,
        environment,
        cve,
        image,
      ] = refs;
      const cases: [string, (typeof refs)[number] | undefined][] = [
        [sha, commit],
        [sha.toUpperCase(), commit],
        [sha.slice(0, 20), commit],
        [`https://github.com/a/b/commit/${sha}`, commit],
        [digest, artifact],
        [digest.slice(7), artifact],
        [digest.slice(0, 40), artifact],
        [`docker://x/y@${digest}`, artifact],
        [`pkg:npm/${seed.prefix}@1.0.0`, version],
        [`pkg:npm/${seed.prefix}`, pack],
        [`https://ci.${at}/runs/1`, build],
        [`git+https://user@${at}.git`, repository],
        [`urn:ci#${seed.prefix}-deploy`, deployment],
        [`${seed.prefix}-deploy`, deployment],
        [`${seed.prefix}-build`, run],
        [`team/${seed.prefix}-staging`, environment],
        [`${seed.prefix}-staging`, environment],
        [`cve-${seed.prefix}`, cve],
        [`${at}/app:1`, image],
        [`Build:https://ci.${at}/runs/1`, build],
        [toId(refs[0]!), commit],
        [`${seed.prefix}-unknown`, undefined],
      ];
      for (const [ref, expected] of cases) {
        const { data, codes } = await resolve(ref);
        expect([ref, codes, data.resolve]).toEqual([ref, [], expected ?? null]);
      }
    });

    it('prefers what is stated to what is only referred to', async () => {
      const key = `https://ci.example.org/${seed.prefix}/both`;
      await seed.nodes([
        { label: 'Build', key, properties: { resolved: false } },
        { label: 'Resource', key },
      ]);
      expect((await resolve(key)).data.resolve).toEqual({ label: 'Resource', key });
    });

    it('names the candidates where a reference is ambiguous', async () => {
      const start = hex(`amb${seed.prefix}`, 20);
      const commits = ['1', '2', '3'].map((last) => ({
        label: 'Commit' as const,
        key: `${start}${last}`.padEnd(40, '0'),
      }));
      const environments = ['x', 'y'].map((scope) => ({
        label: 'Environment' as const,
        key: `${scope}/${seed.prefix}amb`,
      }));
      await seed.nodes([...commits, ...environments]);
      for (const [ref, expected] of [
        [start, commits],
        [`${seed.prefix}amb`, environments],
      ] as const) {
        const { codes, errors } = await resolve(ref);
        expect(codes).toEqual(['AMBIGUOUS']);
        const candidates = errors[0]?.extensions['candidates'] as { id: string; key: string }[];
        expect(candidates.map(({ key }) => key).sort()).toEqual(expected.map(({ key }) => key));
        expect(candidates.map(({ id }) => id).sort()).toEqual(expected.map(toId).sort());
      }
      expect((await resolve(start.slice(0, 6))).data.resolve).toBeNull(); // too short to be a prefix
    });

    it.each([
      ['', 'BAD_USER_INPUT'],
      ['a\u0000b', 'BAD_USER_INPUT'],
      ['\ud800', 'BAD_USER_INPUT'],
      ['x'.repeat(3_000), 'BAD_USER_INPUT'],
    ])('refuses %j', async (ref, code) => {
      expect((await resolve(ref)).codes).toEqual([code]);
    });
  });

  it('S28 takes Cypher in every string for data', async () => {
    const own = seed.ref('Artifact', 's28');
    await seed.nodes([own]);
    for (const text of HOSTILE) {
      const names = [
        'commits(repository: $s, messagePrefix: $s, author: $s)',
        'builds(repository: $s, namePrefix: $s)',
        'deployments(environment: $s, service: $s, namePrefix: $s)',
        'environments(namePrefix: $s, scope: $s)',
        'packages(purlType: $s, namespace: $s, namePrefix: $s)',
        'events(type: $s, source: $s, subject: $s, correlationId: $s, causationId: $s, workflowId: $s, outcome: $s)',
      ];
      for (const list of names) {
        const named = await asked.ask(`query ($s: String!) { ${list} { nodes { id } } }`, {
          s: text,
        });
        // nothing is called so
        expect(named.codes).toEqual(['NOT_FOUND']);
      }
      const { codes } = await asked.ask(
        `query ($s: String!) {
          resolve(ref: $s) { id }
          commits(messagePrefix: $s, author: $s) { nodes { id } }
          builds(namePrefix: $s) { nodes { id } }
          artifacts(namePrefix: $s, mediaType: $s) { nodes { id } }
          deployments(namePrefix: $s) { nodes { id } }
          environments(namePrefix: $s) { nodes { id } }
          packages(namespace: $s, namePrefix: $s) { nodes { id } }
          vulnerabilities(idPrefix: $s) { nodes { id } }
          events(subject: $s, correlationId: $s, causationId: $s, workflowId: $s, outcome: $s) { nodes { id } }
        }`,
        { s: text },
      );
      expect(codes).toEqual([]);
      const cursor = await asked.ask('query ($s: String!) { builds(after: $s) { nodes { id } } }', {
        s: text,
      });
      expect(cursor.codes).toEqual(['CURSOR_INVALID']);
      const id = await asked.ask('query ($s: ID!) { node(id: $s) { id } }', { s: text });
      expect(id.codes).toEqual(['BAD_USER_INPUT']);
    }
    const left = await data('query ($id: ID!) { node(id: $id) { ... on Entity { key } } }', {
      id: toId(own),
    });
    expect(left).toEqual({ node: { key: own.key } });
  });

  it.each([
    ['label', 'neighbors(types: [X])'],
    ['order', 'neighbors(direction: SIDEWAYS)'],
  ])('S28 refuses Cypher as a %s', async (_, field) => {
    const { codes } = await asked.ask(`{ builds { nodes { ${field} { nodes { id } } } } }`);
    expect(codes).toEqual(['BAD_USER_INPUT']);
  });
});
