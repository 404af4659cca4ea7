import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { assertedBy } from '../../../src/apply/decode.ts';
import { CLASS_BOUNDS } from '../../../src/graph/write/identity-classes.ts';
import { createReader } from '../../../src/graph/read/reader.ts';
import { loadStatements } from '../../../src/graph/statement.ts';
import { createWriter, type Writer } from '../../../src/graph/write/writer.ts';
import { toId } from '../../../src/graphql/ids.ts';
import { createHistory } from '../../../src/history/history.ts';
import { identityOf, type Envelope } from '../../../src/model/event.ts';
import type { NodeRef } from '../../../src/model/node.ts';
import { event, hex } from '../../support/events.ts';
import { createSeed, type Seed } from '../../support/graph-seed.ts';
import { createTestGraphql, type Asked } from '../../support/graphql.ts';
import { createIdentityWorld } from '../../support/identity-world.ts';
import { logOf } from '../../support/lineage-oracle.ts';
import { createRandom } from '../../support/random.ts';

const WORLDS = 40;
const LINEAGE = `query ($of: ID!, $asOf: AsOf) {
  lineage(of: $of, direction: UPSTREAM, limit: 1000, labels: ["Build"], asOf: $asOf) { nodes { node { key } } }
}`;
const IMPACT = `query ($of: ID!, $environments: [String!]) {
  impact(of: $of, environments: $environments) {
    affectedCount notAffectedCount unknownCount
    unknown(first: 5) { nodes { reason detail path { length } } }
  }
}`;
const IS_DEPLOYED = `query ($commit: String!, $environments: [String!]) {
  isDeployed(commit: $commit, environments: $environments) { environments { deployed } }
}`;
const POSSIBLE = `query ($of: ID!) {
  node(id: $of) {
    ... on PackageVersion { builds { nodes { key } } possibleBuilds { nodes { key } } }
  }
}`;
const GAPS = `query ($of: ID!) {
  gaps(of: $of) { gaps { nodes { kind at { key } } } }
}`;
const CONFLICT = `query ($of: ID!) {
  node(id: $of) {
    ... on Artifact { conflict { since names { node { key } claims { claim } } } aliases { nodes { key } } }
    ... on PackageVersion { conflict { since names { node { key } claims { claim } } } artifacts { nodes { key } } }
  }
}`;

describe('identity, from documents to answers', () => {
  let seed: Seed;
  let asked: Asked;
  let writer: Writer;
  let told = 0;
  const statements = loadStatements();
  beforeAll(async () => {
    seed = await createSeed();
    const reader = createReader(seed.graph, statements);
    writer = createWriter({ graph: seed.graph, statements, assertedBy });
    asked = await createTestGraphql({ reader, history: createHistory(seed.graph, statements) });
  });
  afterAll(async () => {
    await asked.graphql.stop();
    await seed.close();
  });

  /** Writes events one after the other; returns their log numbers. */
  async function tell(...envelopes: readonly Envelope[]): Promise<number[]> {
    const events = logOf(envelopes, seed.n + told, Date.UTC(2026, 10, 22));
    told += events.length;
    for (const one of events) await writer.write([one]);
    return events.map(({ n }) => n);
  }
  async function tellAtOnce(envelopes: readonly Envelope[]): Promise<void> {
    const events = logOf(envelopes, seed.n + told, Date.UTC(2026, 10, 22));
    told += events.length;
    await writer.write(events);
  }
  async function ask(query: string, variables: Record<string, unknown>) {
    const { data, errors } = await asked.ask(query, variables);
    expect(errors).toEqual([]);
    return data;
  }
  async function buildsOf(of: NodeRef, known: number | null = null): Promise<string[]> {
    const { lineage } = await ask(LINEAGE, { of: toId(of), asOf: { valid: null, known } });
    return (lineage.nodes as { node: { key: string } }[]).map(({ node }) => node.key).sort();
  }
  const artifact = (key: string): NodeRef => ({ label: 'Artifact', key });

  it(`${WORLDS} random worlds: no lineage has a build that made nothing of the file`, async () => {
    const worlds = Array.from({ length: WORLDS }, (_, at) =>
      createIdentityWorld(createRandom(at + 1), `${seed.prefix}i${at}`),
    );
    const events = logOf(
      worlds.flatMap(({ envelopes }) => envelopes),
      seed.n + told,
      Date.UTC(2026, 10, 22),
    );
    told += events.length;
    const half = Math.ceil(events.length / 2);
    await writer.write(events.slice(0, half));
    await writer.write(events.slice(half));
    const strangers: string[] = [];
    let known = 0;
    for (const { names, madeBy } of worlds.flatMap(({ files }) => files)) {
      for (const name of names) {
        const builds = await buildsOf(artifact(name));
        known += builds.length;
        for (const build of builds) if (!madeBy.has(build)) strangers.push(`${name} <- ${build}`);
      }
    }
    expect(strangers).toEqual([]);
    expect(known).toBeGreaterThan(WORLDS * 8);
  }, 180_000);

  describe('a digest that is said of two files', () => {
    const built = (name: string, file: string, other: string): Envelope =>
      event(
        'build.completed',
        {
          build: `https://ci.example/${seed.prefix}/${name}`,
          outcome: 'success',
          artifacts: [{ digest: file, otherDigests: [other] }],
        },
        { id: `${seed.prefix}-${name}` },
      );

    it('joins neither since both are known, tells why, and joins again once one is withdrawn', async () => {
      const [a, b] = [`sha256:${hex(`${seed.prefix}a`)}`, `sha256:${hex(`${seed.prefix}b`)}`];
      const shared = `sha512:${hex(`${seed.prefix}y`, 128)}`;
      const run = (name: string) => `https://ci.example/${seed.prefix}/${name}`;
      const wrong = built('two', b, shared);
      const [first, second] = await tell(built('one', a, shared), wrong);
      expect(await buildsOf(artifact(shared), first)).toEqual([run('one')]);
      expect(await buildsOf(artifact(shared))).toEqual([]);
      expect(await buildsOf(artifact(a))).toEqual([run('one')]);
      expect(await buildsOf(artifact(b))).toEqual([run('two')]);

      const { node } = await ask(CONFLICT, { of: toId(artifact(shared)) });
      expect(node.aliases.nodes).toEqual([]);
      expect(node.conflict).toMatchObject({
        since: second,
        names: [
          { node: { key: a }, claims: [{ claim: `https://ci.example/acme ${seed.prefix}-one` }] },
          { node: { key: b }, claims: [{ claim: identityOf(wrong) }] },
        ],
      });
      // at the other end it can be seen as well
      const file = await ask(CONFLICT, { of: toId(artifact(a)) });
      expect(file.node.conflict.names).toMatchObject([{ node: { key: shared } }]);

      const [gone] = await tell(
        event(
          'claim.withdrawn',
          { claim: identityOf(wrong) },
          { id: `${seed.prefix}-gone`, time: '2026-11-21T11:00:00Z' },
        ),
      );
      expect(await buildsOf(artifact(shared))).toEqual([run('one')]);
      expect(await buildsOf(artifact(b))).toEqual([]);
      expect(await buildsOf(artifact(shared), gone)).toEqual([run('one')]);
      expect((await ask(CONFLICT, { of: toId(artifact(a)) })).node.conflict).toBeNull();
    });
  });

  describe('digests that only several documents together contradict', () => {
    const says = (id: string, digest: string, other: string, build?: string): Envelope =>
      event(
        'artifact.created',
        { digest, otherDigests: [other], ...(build === undefined ? {} : { build }) },
        { id: `${seed.prefix}-${id}` },
      );

    it('join no strangers, tell why, and join again once one of the claims is withdrawn', async () => {
      const tag = `${seed.prefix}r`;
      const [a, b] = [`sha256:${hex(`${tag}a`)}`, `sha256:${hex(`${tag}b`)}`];
      const [x, y] = [`sha512:${hex(`${tag}x`, 128)}`, `sha384:${hex(`${tag}y`, 96)}`];
      const run = (name: string) => `https://ci.example/${tag}/${name}`;
      const wrong = says('r3', b, y, run('two'));
      const [, second, third] = await tell(
        says('r1', a, x, run('one')),
        says('r2', x, y, run('one')),
        wrong,
      );
      expect(await buildsOf(artifact(a), second)).toEqual([run('one')]);
      expect(await buildsOf(artifact(a))).toEqual([run('one')]);
      expect(await buildsOf(artifact(b))).toEqual([run('two')]);
      expect(await buildsOf(artifact(y))).toEqual([]);
      const { node } = await ask(CONFLICT, { of: toId(artifact(y)) });
      expect(node.conflict).toMatchObject({
        since: third,
        names: [{ node: { key: b } }, { node: { key: x } }],
      });

      await tell(
        event(
          'claim.withdrawn',
          { claim: identityOf(wrong) },
          { id: `${tag}-gone`, time: '2026-11-21T11:00:00Z' },
        ),
      );
      expect(await buildsOf(artifact(y))).toEqual([run('one')]);
      expect(await buildsOf(artifact(b))).toEqual([]);
      expect((await ask(CONFLICT, { of: toId(artifact(x)) })).node.conflict).toBeNull();
    });

    it('join no strangers where more names lie between them than are read', async () => {
      const tag = `${seed.prefix}m`;
      const [a, b] = [`sha256:${hex(`${tag}a`)}`, `sha256:${hex(`${tag}b`)}`];
      const [x, y] = [`sha512:${hex(`${tag}x`, 128)}`, `sha384:${hex(`${tag}y`, 96)}`];
      const run = (name: string) => `https://ci.example/${tag}/${name}`;
      const named = (digest: string) =>
        // the two events below speak of four things
        Array.from({ length: 4 * CLASS_BOUNDS.things + 20 }, (_, at) =>
          event(
            'artifact.created',
            { digest, purl: `pkg:npm/${tag}-${at}@1.0.0` },
            { id: `${tag}-${digest.slice(0, 6)}-${at}` },
          ),
        );
      await tellAtOnce([...named(x), ...named(y)]);
      await tell(says('m1', a, x, run('one')), says('m2', b, y, run('two')));
      expect(await buildsOf(artifact(a))).toEqual([run('one')]);
      expect(await buildsOf(artifact(b))).toEqual([run('two')]);
    }, 180_000);
  });

  describe('a build that names a version of several files and none of them', () => {
    it('is not upstream of what has the version inside, and does not clear it', async () => {
      const tag = `${seed.prefix}w`;
      const purl = `pkg:pypi/${tag}@1.0`;
      const [image, wheel] = ['image', 'wheel'].map((name) => `sha256:${hex(`${tag}${name}`)}`);
      const run = `https://ci.example/${tag}/named`;
      const deployed = (name: string, thing: string) =>
        event(
          'deployment.created',
          {
            ...{ deployment: `${tag}-${name}`, artifacts: [thing] },
            ...{ environment: name, scope: tag, service: 'shop' },
          },
          { id: `${tag}-d-${name}` },
        );
      await tell(
        event(
          'build.completed',
          {
            ...{ build: run, outcome: 'success', builder: `https://ci.example/${tag}/on` },
            ...{ commit: hex(`${tag}c`, 40), artifacts: [{ purl }] },
          },
          { id: `${tag}-b` },
        ),
        event('artifact.created', { digest: image, contains: [purl] }, { id: `${tag}-i` }),
        event('artifact.created', { digest: wheel, purl }, { id: `${tag}-f` }),
        ...[deployed('image', image!), deployed('wheel', wheel!), deployed('name', purl)],
      );
      expect(await buildsOf(artifact(image!))).toEqual([]);
      const from: NodeRef[] = [
        { label: 'Build', key: run },
        { label: 'Commit', key: hex(`${tag}c`, 40) },
      ];
      for (const of of from) {
        for (const name of ['image', 'wheel', 'name']) {
          const { impact } = await ask(IMPACT, { of: toId(of), environments: [`${tag}/${name}`] });
          expect(impact).toMatchObject({
            ...{ affectedCount: 0, notAffectedCount: 0, unknownCount: 1 },
            unknown: { nodes: [{ reason: 'FILE_UNKNOWN' }] },
          });
        }
      }
      const { node } = await ask(POSSIBLE, {
        of: toId({ label: 'PackageVersion', key: purl }),
      });
      expect(node).toEqual({
        ...{ builds: { nodes: [] }, possibleBuilds: { nodes: [{ key: run }] } },
      });
      const { gaps } = await ask(GAPS, {
        of: toId({ label: 'Deployment', key: `https://ci.example/acme#${tag}-name` }),
      });
      expect(gaps.gaps.nodes).toContainEqual({ kind: 'FILE_UNKNOWN', at: { key: purl } });
    }, 180_000);
  });

  describe('a package URL of one file that is said of two', () => {
    it('joins neither of them, and what has it inside is not cleared of either', async () => {
      const tag = `${seed.prefix}p`;
      const purl = `pkg:npm/${tag}@1.0.0`;
      const [a, b, image] = ['a', 'b', 'image'].map((name) => `sha256:${hex(`${tag}${name}`)}`);
      const made = (name: string, data: Record<string, unknown>) =>
        event(
          'build.completed',
          {
            ...{ build: `https://ci.example/${tag}/${name}`, outcome: 'success' },
            ...{
              builder: `https://ci.example/${tag}/on-${name}`,
              commit: hex(`${tag}${name}`, 40),
            },
            ...data,
          },
          { id: `${tag}-${name}` },
        );
      const deployed = (name: string, thing: string) => [
        event(
          'deployment.created',
          {
            ...{ deployment: `${tag}-${name}`, artifacts: [thing] },
            ...{ environment: name, scope: tag, service: 'shop' },
          },
          { id: `${tag}-d-${name}` },
        ),
        event(
          'deployment.completed',
          { deployment: `${tag}-${name}` },
          { id: `${tag}-dc-${name}`, time: '2026-11-21T10:05:00Z' },
        ),
      ];
      await tell(
        made('one', { artifacts: [{ digest: a, purl }] }),
        made('two', { artifacts: [{ digest: b, purl }] }),
        made('image', { artifacts: [{ digest: image }] }),
        event('artifact.created', { digest: image, contains: [purl] }, { id: `${tag}-i` }),
        ...deployed('image', image!),
        ...deployed('a', a!),
        ...deployed('b', b!),
        event(
          'vulnerability.detected',
          { vulnerability: `CVE-${tag}`, affects: [purl] },
          { id: `${tag}-v` },
        ),
      );
      const impactOf = async (of: NodeRef, environment: string) => {
        const { impact } = await ask(IMPACT, {
          of: toId(of),
          environments: [`${tag}/${environment}`],
        });
        return impact;
      };
      const version: NodeRef = { label: 'PackageVersion', key: purl };
      expect((await ask(CONFLICT, { of: toId(version) })).node).toMatchObject({
        artifacts: { nodes: [] },
        conflict: { names: [{ node: { key: a } }, { node: { key: b } }] },
      });
      const one: NodeRef = { label: 'Builder', key: `https://ci.example/${tag}/on-one` };
      expect(await impactOf(one, 'a')).toMatchObject({ affectedCount: 1 });
      expect(await impactOf(one, 'b')).toMatchObject({ notAffectedCount: 1 });
      expect(await impactOf(one, 'image')).toMatchObject({
        ...{ affectedCount: 0, unknownCount: 1 },
        unknown: { nodes: [{ reason: 'FILE_UNKNOWN', path: { length: 5 } }] },
      });
      const commit = hex(`${tag}one`, 40);
      const at = async (environment: string) =>
        (await ask(IS_DEPLOYED, { commit, environments: [`${tag}/${environment}`] })).isDeployed
          .environments;
      expect(await at('a')).toEqual([{ deployed: true }]);
      expect(await at('b')).toEqual([{ deployed: false }]);
      expect(await at('image')).toEqual([{ deployed: null }]);
      // an advisory on the version is about each file that is said to be it
      const advisory: NodeRef = { label: 'Vulnerability', key: `CVE-${tag}` };
      for (const environment of ['a', 'b', 'image']) {
        expect(await impactOf(advisory, environment)).toMatchObject({ affectedCount: 1 });
      }
    });
  });
});
