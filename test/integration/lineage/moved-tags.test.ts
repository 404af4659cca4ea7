import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startField, type Field } from '../../support/field.ts';

let field: Field;
beforeAll(async () => {
  field = await startField();
});
afterAll(() => field.stop());

const hour = (of: number) => new Date(Date.UTC(2026, 9, 1, of)).toISOString();
const digestOf = (text: string) => `sha256:${createHash('sha256').update(text).digest('hex')}`;

type Data = Record<string, unknown>;
type Direction = 'UPSTREAM' | 'DOWNSTREAM';

/** Events of a world of its own, told in one batch, in the order that is given. */
function world(name: string) {
  const source = `https://ci.example/moved-${name}`;
  const told: object[] = [];
  const say = (type: string, at: number, data: Data): void => {
    const id = `${told.length}`;
    told.push({ specversion: '1.0', source, type, id, time: hour(at), data });
  };
  return {
    ...{ say, source },
    image: (of: string) => digestOf(`${name} ${of}`),
    commit: (of: string) => createHash('sha1').update(`${name} ${of}`).digest('hex'),
    publish: (of: string, tag: string, at: number): void => {
      say('artifact.published', at, { digest: digestOf(`${name} ${of}`), location: tag });
    },
    deploy: (of: string, tag: string, at: number): void => {
      say('deployment.created', at, {
        ...{ deployment: of, artifacts: [tag], environment: 'prod', scope: name },
      });
    },
    tell: async (order: (events: object[]) => object[] = (events) => events): Promise<void> => {
      const receipts = await field.post(order(told));
      expect(receipts.map(({ status }) => status)).toEqual(told.map(() => 'APPLIED'));
    },
  };
}

const FIELDS = `nodes { depth node { label key } } edges { from to type }
  totals { count } truncatedBy pageInfo { hasNextPage endCursor }`;

async function lineage(ref: string, direction: Direction, options: Data = {}) {
  const of = await field.idOf(ref);
  const query = `query ($of: ID!, $direction: LineageDirection!, $limit: Int! = 500, $after: String, $maxDepth: Int, $asOf: AsOf) {
    lineage(of: $of, direction: $direction, limit: $limit, after: $after, maxDepth: $maxDepth, asOf: $asOf) { ${FIELDS} } }`;
  return (await field.ask(query, { of, direction, ...options })).lineage;
}

type Row = {
  readonly depth: number;
  readonly node: { readonly label: string; readonly key: string };
};
const keysOf = (rows: readonly Row[], label: string): string[] =>
  rows.flatMap(({ node }) => (node.label === label ? [node.key] : [])).sort();

async function streamed(ref: string, direction: Direction, limit = 1_000) {
  const of = encodeURIComponent((await field.idOf(ref)) ?? '');
  const address = `${field.url}/lineage.ndjson?of=${of}&direction=${direction}&limit=${limit}`;
  const text = await (await fetch(address)).text();
  const rows = text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Data);
  const nodes = rows.flatMap((row) =>
    'node' in row ? [row['node'] as Row['node'] & { depth: number }] : [],
  );
  return { nodes, edges: rows.filter((row) => 'edge' in row).length, end: rows.at(-1)?.['end'] };
}

async function pathLengths(from: string, to: string, direction: Direction, k = 3) {
  const query = `query ($from: ID!, $to: ID!, $direction: LineageDirection!, $k: Int!) {
    paths(from: $from, to: $to, direction: $direction, k: $k) { paths { length nodes { key } } } }`;
  const variables = { from: await field.idOf(from), to: await field.idOf(to), direction, k };
  const { paths } = await field.ask(query, variables);
  return paths.paths.map(({ length }: { length: number }) => length);
}

describe('a tag that moves on, and back', () => {
  const { source, image, publish, deploy, say, tell } = world('back');
  const tag = 'registry.example/moved/back:latest';
  const deployment = (of: string) => `${source}#${of}`;
  const one = deployment('1');
  beforeAll(async () => {
    for (const which of ['a', 'b']) {
      say('build.completed', 0, {
        ...{
          build: `${source}/runs/${which}`,
          outcome: 'success',
          artifacts: [{ digest: image(which) }],
        },
      });
    }
    deploy('0', tag, 1);
    publish('a', tag, 2);
    deploy('1', tag, 3);
    publish('b', tag, 4);
    deploy('2', tag, 5);
    publish('a', tag, 6);
    deploy('3', tag, 7);
    await tell((events) => events.toReversed());
  });

  test.each([
    ['0', 'a'],
    ['1', 'a'],
    ['2', 'b'],
    ['3', 'a'],
  ])('deployment %s runs image %s, and comes from its build alone', async (of, which) => {
    const { nodes, totals, edges } = await lineage(deployment(of), 'UPSTREAM');
    expect(keysOf(nodes, 'Artifact')).toEqual([image(which)]);
    expect(keysOf(nodes, 'Build')).toEqual([`${source}/runs/${which}`]);
    expect([totals.count, edges.length]).toEqual([3, 3]);
    const other = which === 'a' ? 'b' : 'a';
    for (const k of [1, 3]) {
      expect(await pathLengths(deployment(of), image(which), 'UPSTREAM', k)).toEqual([2]);
      expect(await pathLengths(deployment(of), image(other), 'UPSTREAM', k)).toEqual([]);
      expect(await pathLengths(image(which), deployment(of), 'DOWNSTREAM', k)).toEqual([2]);
      expect(await pathLengths(image(other), deployment(of), 'DOWNSTREAM', k)).toEqual([]);
    }
    expect(await pathLengths(deployment(of), `docker://${tag}`, 'UPSTREAM')).toEqual([1]);
  });

  test.each([
    ['a', ['0', '1', '3']],
    ['b', ['2']],
  ])('image %s went into deployments %j', async (of, deployments) => {
    const { nodes, totals, edges } = await lineage(image(of), 'DOWNSTREAM');
    expect(keysOf(nodes, 'Deployment')).toEqual(deployments.map(deployment));
    // the tag, and one edge to it from each
    expect([totals.count, edges.length]).toEqual([deployments.length + 1, deployments.length + 1]);
  });

  test('asked about itself, the tag is what it is at the moment, and was used by all', async () => {
    const now = await lineage(`docker://${tag}`, 'UPSTREAM');
    expect(keysOf(now.nodes, 'Artifact')).toEqual([image('a')]);
    const before = await lineage(`docker://${tag}`, 'UPSTREAM', { asOf: { valid: hour(5) } });
    expect(keysOf(before.nodes, 'Artifact')).toEqual([image('b')]);
    const users = await lineage(`docker://${tag}`, 'DOWNSTREAM');
    expect(keysOf(users.nodes, 'Deployment')).toEqual(['0', '1', '2', '3'].map(deployment));
  });

  test('pages and streams are the same lineage', async () => {
    for (const [ref, direction] of [
      [one, 'UPSTREAM'],
      [image('a'), 'DOWNSTREAM'],
      [`docker://${tag}`, 'UPSTREAM'],
    ] as const) {
      const whole = await lineage(ref, direction);
      const rows: Row[] = [];
      let edges = 0;
      for (let after: string | null = null, more = true; more;) {
        const page = await lineage(ref, direction, {
          limit: 1,
          ...(after === null ? {} : { after }),
        });
        rows.push(...page.nodes);
        edges += Number(page.edges.length);
        after = page.pageInfo.endCursor;
        more = page.pageInfo.hasNextPage;
      }
      const textOf = (list: readonly { depth: number; key: string }[]) =>
        list.map(({ depth, key }) => `${depth} ${key}`).sort();
      const expected = textOf(
        whole.nodes.map(({ depth, node }: Row) => ({ depth, key: node.key })),
      );
      expect(textOf(rows.map(({ depth, node }) => ({ depth, key: node.key })))).toEqual(expected);
      expect(edges).toBe(whole.edges.length);
      const stream = await streamed(ref, direction);
      expect(textOf(stream.nodes.filter(({ depth }) => depth > 0))).toEqual(expected);
      expect(stream.end).toEqual({
        ...{ nodes: expected.length, edges: whole.edges.length, truncated: false },
      });
    }
    expect(await streamed(image('a'), 'DOWNSTREAM', 2)).toMatchObject({
      end: { nodes: 2, edges: 2, truncated: true },
    });
  });

  test('says whether there is more', async () => {
    expect(await lineage(one, 'UPSTREAM', { limit: 2 })).toMatchObject({ truncatedBy: 'LIMIT' });
    const near = await lineage(one, 'UPSTREAM', { maxDepth: 1 });
    expect([near.nodes.length, near.truncatedBy]).toEqual([1, 'DEPTH']);
    const far = await lineage(one, 'UPSTREAM', { maxDepth: 3 });
    expect([far.nodes.length, far.truncatedBy]).toEqual([3, null]);
  });
});

describe('other things that move, and others that use them', () => {
  test('a base image: each build had the one of its time', async () => {
    const { source, image, publish, say, tell } = world('base');
    const base = 'docker.io/library/moved-base:20';
    publish('old', base, 1);
    publish('new', base, 3);
    for (const [of, at] of [
      ['1', 2],
      ['2', 4],
    ] as const) {
      say('build.completed', at, {
        ...{ build: `${source}/runs/${of}`, outcome: 'success', materials: [base] },
        artifacts: [{ digest: image(`app ${of}`) }],
      });
    }
    await tell();
    const usersOf = async (of: string) =>
      keysOf((await lineage(image(of), 'DOWNSTREAM')).nodes, 'Artifact');
    expect(await usersOf('old')).toEqual([image('app 1')]);
    expect(await usersOf('new')).toEqual([image('app 2')]);
    const first = await lineage(image('app 1'), 'UPSTREAM');
    expect(keysOf(first.nodes, 'Artifact')).toEqual([image('old')]);
  });

  test('an image that was made from a tag, and a tag of that image', async () => {
    const { source, image, publish, deploy, say, tell } = world('chain');
    const [base, app] = ['registry.example/moved/run:jammy', 'registry.example/moved/chain:edge'];
    publish('run 1', base, 1);
    say('artifact.created', 2, { digest: image('app 1'), derivedFrom: [base] });
    publish('app 1', app, 3);
    deploy('1', app, 4);
    publish('run 2', base, 5);
    say('artifact.created', 6, { digest: image('app 2'), derivedFrom: [base] });
    publish('app 2', app, 7);
    deploy('2', app, 8);
    await tell();
    for (const which of ['1', '2']) {
      const up = await lineage(`${source}#${which}`, 'UPSTREAM');
      expect(keysOf(up.nodes, 'Artifact')).toEqual(
        [image(`app ${which}`), image(`run ${which}`)].sort(),
      );
      const down = await lineage(image(`run ${which}`), 'DOWNSTREAM');
      expect(keysOf(down.nodes, 'Deployment')).toEqual([`${source}#${which}`]);
      expect(await pathLengths(`${source}#${which}`, image(`run ${which}`), 'UPSTREAM')).toEqual([
        4,
      ]);
    }
    expect(await pathLengths(`${source}#1`, image('run 2'), 'UPSTREAM')).toEqual([]);
  });

  test('a branch, as SLSA provenance resolves it: each build is of its own commit', async () => {
    const { source, image, commit } = world('branch');
    const branch = 'git+https://git.example/moved/branch@refs/heads/main';
    const provenance = (of: string, at: number) => ({
      _type: 'https://in-toto.io/Statement/v1',
      subject: [{ name: 'app', digest: { sha256: image(of).slice(7) } }],
      predicateType: 'https://slsa.dev/provenance/v1',
      predicate: {
        buildDefinition: {
          buildType: 'https://ci.example/type',
          externalParameters: {},
          resolvedDependencies: [{ uri: branch, digest: { gitCommit: commit(of) } }],
        },
        runDetails: {
          builder: { id: 'https://ci.example/builder' },
          metadata: { invocationId: `${source}/runs/${of}`, finishedOn: hour(at) },
        },
      },
    });
    for (const [of, at] of [
      ['2', 6],
      ['1', 2],
    ] as const) {
      const { submitDocument } = await field.ask(
        'mutation ($content: String!) { submitDocument(input: { content: $content }, wait: APPLIED) { status } }',
        { content: JSON.stringify(provenance(of, at)) },
      );
      expect(submitDocument.status).toBe('APPLIED');
    }
    for (const which of ['1', '2']) {
      const up = await lineage(image(which), 'UPSTREAM');
      expect(keysOf(up.nodes, 'Commit')).toEqual([commit(which)]);
      const down = await lineage(commit(which), 'DOWNSTREAM');
      expect(keysOf(down.nodes, 'Artifact')).toEqual([image(which)]);
    }
  });
});
