import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createReader } from '../../../src/graph/read/reader.ts';
import { createSubgraphReader } from '../../../src/graph/read/subgraph.ts';
import { toId } from '../../../src/graphql/ids.ts';
import type { NodeLabel } from '../../../src/model/node.ts';
import { event, hex } from '../../support/events.ts';
import { createTestGraphql, type Asked } from '../../support/graphql.ts';
import { createPipeline, type Pipeline } from '../../support/pipeline.ts';
import { sharedServers } from '../../support/servers.ts';

const IMPACT = `query ($of: ID!, $environments: [String!], $onlyLive: Boolean! = true, $versions: [String!], $range: String, $asOf: AsOf) {
  impact(of: $of, environments: $environments, onlyLive: $onlyLive, versions: $versions, range: $range, asOf: $asOf) {
    total affectedCount notAffectedCount unknownCount
    groups { environment { key } service { key } affected notAffected unknown example { deployment { key } path { edges { type } } } }
    affected { totalCount nodes { deployment { key isLive } reason disputed path { nodes { key } edges { type claims { claim } } } } }
    notAffected { nodes { deployment { key } reason vex { status event { type } } } }
    unknown { nodes { deployment { key } reason } }
    completeness { throughPosition }
  }
}`;

type Data = Record<string, unknown>;

describe.each([
  ['walked from what was asked about', {}],
  // as where more was derived from it than is looked at first
  ['walked from the deployments', { fewNodes: -1 }],
])('questions, from events to answers, %s', (_, options) => {
  let pipeline: Pipeline;
  let asked: Asked;
  beforeAll(async () => {
    pipeline = await createPipeline(sharedServers());
    await pipeline.startWriter();
    const { graph, statements } = pipeline;
    const reader = {
      ...createReader(graph, statements),
      ...createSubgraphReader(graph, statements, options),
    };
    asked = await createTestGraphql({ reader });
  });
  afterAll(async () => {
    await asked.graphql.stop();
    await pipeline.stop();
  });

  /** Names of one case: nothing that it says has to do with another case. */
  function createCase(name: string) {
    const tag = `${name}-${pipeline.tag}`;
    const source = `https://ci.example/${tag}`;
    let clock = Date.parse('2026-11-01T00:00:00Z');
    let count = 0;
    const sha256 = (text: string) =>
      `sha256:${createHash('sha256').update(`${tag} ${text}`).digest('hex')}`;
    const told: ReturnType<typeof event>[] = [];
    const tell = (type: string, data: Data, time?: string): void => {
      clock += 60_000;
      count += 1;
      told.push(
        event(type, data, {
          source,
          time: time ?? new Date(clock).toISOString(),
          id: `${tag}-${count}`,
        }),
      );
    };
    const send = async (): Promise<number> => {
      const results = await pipeline.publish(told.splice(0));
      await pipeline.caughtUp();
      expect(await pipeline.deadLetters()).toEqual([]);
      const positions = results.map((result) =>
        result.outcome === 'appended' ? result.position : 0,
      );
      return Math.max(...positions);
    };
    const sbom = (about: string, purls: readonly string[], more: Data = {}): void => {
      const content = JSON.stringify({
        ...{ bomFormat: 'CycloneDX', specVersion: '1.6', version: count + 1 },
        serialNumber: `urn:uuid:${sha256(`sbom ${count} ${about}`).slice(7, 15)}-1111-4111-8111-111111111111`,
        components: purls.map((purl) => ({ type: 'library', name: purl, 'bom-ref': purl, purl })),
        ...more,
      });
      const digest = `sha256:${createHash('sha256').update(content).digest('hex')}`;
      tell('document.submitted', { digest, content, about });
    };
    const deploy = (deployment: string, thing: string, more: Data = {}): void => {
      tell('deployment.created', {
        ...{ deployment, artifacts: [thing], environment: 'prod', scope: tag, service: 'shop' },
        ...more,
      });
      tell('deployment.completed', { deployment });
    };
    const id = (label: NodeLabel, key: string) => toId({ label, key });
    const ask = async (query: string, variables: Data) => {
      const { data, errors } = await asked.ask(query, variables);
      expect(errors).toEqual([]);
      return data;
    };
    const environments = [`${tag}/prod`];
    return {
      ...{ tag, source, sha256, tell, send, sbom, deploy, id, ask, environments },
      purl: (text: string) => `pkg:npm/${tag}-${text}`,
      at: () => new Date(clock).toISOString(),
      impact: async (of: string, more: Data = {}) =>
        (await ask(IMPACT, { of, environments, ...more })).impact,
      key: (deployment: string) => `${source}#${deployment}`,
    };
  }
  const keysOf = (connection: { nodes: { deployment: { key: string } }[] }) =>
    connection.nodes.map(({ deployment }) => deployment.key.replace(/^.*#/, ''));

  it('an alias cycle: asked under any of its names, an advisory affects the same', async () => {
    const c = createCase('alias');
    const [lib, app] = [c.purl('lib@1.0.0'), c.sha256('app')];
    const names = ['CVE', 'GHSA', 'OSV'].map((name) => `${name}-${c.tag}`);
    for (const [at, name] of names.entries()) {
      const aliases = [names[(at + 1) % 3]!];
      const affects = at === 0 ? [lib] : [c.purl('unused@1.0.0')];
      c.tell('vulnerability.detected', { vulnerability: name, affects, aliases });
    }
    c.tell('artifact.created', { digest: app });
    c.sbom(app, [lib]);
    c.deploy('d', app);
    await c.send();
    for (const name of names) {
      const impact = await c.impact(c.id('Vulnerability', name));
      expect([impact.total, keysOf(impact.affected)]).toEqual([1, ['d']]);
      expect(impact.affected.nodes[0].path.edges[0].claims).toHaveLength(1);
      expect(impact.affected.nodes[0].path.nodes.at(-1).key).toBe(name);
    }
    const contains = await c.ask(
      `query ($d: ID!) { contains(deployment: $d) { complete packageCount packages { nodes { key } } vulnerabilityCount vulnerabilities { totalCount nodes { names cleared affects { key } } } } }`,
      { d: c.id('Deployment', c.key('d')) },
    );
    expect(contains.contains).toEqual({
      complete: true,
      packageCount: 1,
      packages: { nodes: [{ key: lib }] },
      vulnerabilityCount: 1,
      vulnerabilities: {
        totalCount: 1,
        nodes: [{ names: [...names].sort(), cleared: false, affects: [{ key: lib }] }],
      },
    });
  });

  it('a range of versions: by the order of npm and of PyPI, and of a version that nobody can read it is not known', async () => {
    const c = createCase('range');
    const [npm, pypi] = [`pkg:npm/${c.tag}`, `pkg:pypi/${c.tag}`];
    const run: Record<string, string> = {
      ...{ n1: `${npm}@1.0.0`, n2: `${npm}@1.10.0`, n3: `${npm}@2.0.0-rc.1`, n4: `${npm}@2.0.0` },
      ...{ n5: `${npm}@nightly`, p1: `${pypi}@1.9`, p2: `${pypi}@1.10.post1` },
      ...{ p3: `${pypi}@2.0rc1%2Bcpu`, p4: `${pypi}@2.0`, p5: `${pypi}@2004d` },
    };
    for (const [name, purl] of Object.entries(run)) {
      c.sbom(c.sha256(name), [purl]);
      c.deploy(name, c.sha256(name), { service: name });
    }
    c.sbom(c.sha256('cpp'), [`pkg:otp/${c.tag}-lib@1.0`]);
    await c.send();
    const inRange = async (purl: string, range: string) => {
      const { affected, unknown } = await c.impact(c.id('Package', purl), { range });
      const reasons = unknown.nodes.map(({ reason }: { reason: string }) => reason);
      return [keysOf(affected), keysOf(unknown), reasons];
    };
    const odd = (name: string) => [[name], ['VERSION_UNREADABLE']];
    expect(await inRange(npm, '>=1.2.0 <2.0.0')).toEqual([['n2', 'n3'], ...odd('n5')]);
    expect(await inRange(npm, 'vers:npm/1.0.0|>=2.0.0')).toEqual([['n1', 'n4'], ...odd('n5')]);
    expect(await inRange(pypi, 'vers:pypi/>1.9|<2.0')).toEqual([['p2', 'p3'], ...odd('p5')]);
    expect(await inRange(pypi, 'vers:pypi/*')).toEqual([['p1', 'p2', 'p3', 'p4', 'p5'], [], []]);

    const refused = async (of: string, more: Data) =>
      (await asked.ask(IMPACT, { of, ...more })).errors;
    const code = 'BAD_USER_INPUT';
    const range = 'vers:npm/<1.0.0';
    const ofNpm = c.id('Package', npm);
    expect(await refused(ofNpm, { range, versions: ['1.0.0'] })).toMatchObject([
      { message: expect.stringContaining('not by both'), extensions: { code, path: 'range' } },
    ]);
    for (const more of [{ range }, { versions: ['1.0.0'] }]) {
      expect(await refused(c.id('PackageVersion', run['n1']!), more)).toMatchObject([
        {
          message: expect.stringContaining('PackageVersion: give one of Package'),
          extensions: { code },
        },
      ]);
    }
    expect(await refused(c.id('Package', pypi), { range })).toMatchObject([
      { message: expect.stringContaining("of the type 'pypi'"), extensions: { code } },
    ]);
    const otp = c.id('Package', `pkg:otp/${c.tag}-lib`);
    expect(await refused(otp, { range: 'vers:otp/<2.0' })).toMatchObject([
      { message: expect.stringContaining('otp'), extensions: { code } },
    ]);
  });

  it('a fix that replaces: it is not affected by what it replaced, and VEX clears what stays', async () => {
    const c = createCase('fix');
    const [bad, good] = [c.purl('lib@1.0.0'), c.purl('lib@1.0.1')];
    const [old, fixed] = [c.sha256('old'), c.sha256('fixed')];
    const cve = `CVE-${c.tag}`;
    c.tell('vulnerability.detected', { vulnerability: cve, affects: [bad], severity: 'high' });
    c.sbom(old, [bad]);
    c.sbom(fixed, [good]);
    c.deploy('old', old);
    c.deploy('eu', old, { service: 'shop-eu' });
    const before = c.at();
    c.deploy('fix', fixed, { replaces: 'old' });
    const known = await c.send();
    const now = await c.impact(c.id('Vulnerability', cve));
    expect(keysOf(now.affected)).toEqual(['eu']);
    expect(now.notAffected.nodes).toMatchObject([{ reason: 'SBOM_WITHOUT_MATCH' }]);
    expect(now.completeness.throughPosition).toBeNull(); // no bus is asked here
    // before the fix, and of everything that ever ran
    const then = await c.impact(c.id('Vulnerability', cve), { asOf: { valid: before } });
    expect(keysOf(then.affected)).toEqual(['eu', 'old']);
    const ever = await c.impact(c.id('Vulnerability', cve), { onlyLive: false });
    expect(keysOf(ever.affected)).toEqual(['eu', 'old']);
    const versions = async (...list: string[]) =>
      (await c.impact(c.id('Package', c.purl('lib')), { versions: list })).affectedCount;
    expect([
      await versions('1.0.0'),
      await versions('1.0.1'),
      await versions('1.0.0', '1.0.1'),
    ]).toEqual([1, 1, 2]);

    c.tell('vulnerability.triaged', {
      ...{ vulnerability: cve, products: [bad], status: 'not_affected' },
      justification: 'vulnerable_code_not_in_execute_path',
    });
    await c.send();
    const cleared = await c.impact(c.id('Vulnerability', cve));
    expect([cleared.affectedCount, cleared.notAffectedCount]).toEqual([0, 2]);
    expect(cleared.notAffected.nodes[0]).toMatchObject({
      ...{
        reason: 'VEX',
        vex: { status: 'NOT_AFFECTED', event: { type: 'vulnerability.triaged' } },
      },
    });
    // what was known before that statement
    const past = await c.impact(c.id('Vulnerability', cve), { asOf: { known } });
    expect(keysOf(past.affected)).toEqual(['eu']);

    const { diff } = await c.ask(
      `query ($a: ID!, $b: ID!) { diff(from: $a, to: $b) { totals { kind added removed changed } changes { nodes { kind subject before after entity { label } } } ranking { score why change { kind } } } same: diff(from: $a, to: $a) { totals { kind } } }`,
      { a: c.id('Deployment', c.key('old')), b: c.id('Deployment', c.key('fix')) },
    );
    expect(diff.changes.nodes).toEqual([
      {
        ...{ kind: 'PACKAGE', subject: c.purl('lib'), entity: { label: 'Package' } },
        ...{ before: [bad], after: [good] },
      },
      {
        ...{ kind: 'VULNERABILITY', subject: cve, entity: { label: 'Vulnerability' } },
        ...{ before: [cve], after: [] },
      },
    ]);
    expect(diff.totals).toEqual([
      { kind: 'PACKAGE', added: 0, removed: 0, changed: 1 },
      { kind: 'VULNERABILITY', added: 0, removed: 1, changed: 0 },
    ]);
  });

  it('the bad builder of a dependency: its users are tainted, and one artifact clears them', async () => {
    const c = createCase('builder');
    const bad = `https://builders.example/${c.tag}/bad`;
    const good = `https://builders.example/${c.tag}/good`;
    const [lib, file, web, api] = [
      c.purl('lib@2.0.0'),
      c.sha256('lib'),
      c.sha256('web'),
      c.sha256('api'),
    ];
    const run = (name: string) => `https://ci.example/${c.tag}/runs/${name}`;
    const build = (name: string, builder: string, artifacts: Data[]) => {
      c.tell('build.started', { build: run(name), builder });
      c.tell('build.completed', { build: run(name), builder, outcome: 'success', artifacts });
    };
    const from = c.at();
    build('lib', bad, [{ digest: file, purl: lib }]);
    c.sbom(web, [lib]);
    c.sbom(api, [lib]);
    build('web', good, [{ digest: web }]);
    c.deploy('web', web, { service: 'web' });
    c.deploy('api', api, { service: 'api' });
    await c.send();
    const impact = await c.impact(c.id('Builder', bad));
    expect(keysOf(impact.affected)).toEqual(['api', 'web']);
    expect(impact.affected.nodes[0].path.edges.map(({ type }: { type: string }) => type)).toEqual([
      'DEPLOYS',
      'CONTAINS',
      'PACKAGED_AS',
      'GENERATED_BY',
      'RAN_ON',
    ]);
    const COMPROMISE = `query ($of: ID!, $between: TimeSpan!, $environments: [String!]) { compromise(of: $of, between: $between, environments: $environments) {
      taintedCount cleanRebuildCount tainted { nodes { deployment { key } cleanRebuild path { edges { type } } } } rebuildCount rebuild { nodes { key } } exact notCleared { key } } }`;
    const ask = async (to: string) =>
      (
        await c.ask(COMPROMISE, {
          of: c.id('Builder', bad),
          between: { from, to },
          environments: c.environments,
        })
      ).compromise;
    const all = await ask(c.at());
    expect(all).toMatchObject({
      taintedCount: 2,
      cleanRebuildCount: 0,
      rebuildCount: 1,
      exact: true,
    });
    expect(all.rebuild.nodes).toEqual([{ key: file }]);
    expect(await ask(new Date(Date.parse(from) + 1).toISOString())).toMatchObject({
      taintedCount: 0,
    });
    // the same bytes from another builder
    build('again', good, [{ digest: file }]);
    await c.send();
    expect(await ask(c.at())).toMatchObject({
      taintedCount: 2,
      cleanRebuildCount: 2,
      rebuildCount: 0,
    });
    // and that builder is not a stranger any more
    const { diff } = await c.ask(
      `query ($a: ID!, $b: ID!) { diff(from: $a, to: $b) { ranking(first: 5) { score change { kind subject entity { label } } } } }`,
      { a: c.id('Artifact', api), b: c.id('Artifact', web) },
    );
    expect(diff.ranking[0]).toEqual({
      score: 45,
      change: { kind: 'BUILDER', subject: good, entity: { label: 'Builder' } },
    });
  });

  it('two SBOMs that disagree on one package: affected, and disputed', async () => {
    const c = createCase('disagree');
    const [lib, app, half] = [c.purl('lib@3.0.0'), c.sha256('app'), c.sha256('half')];
    const cve = `CVE-${c.tag}`;
    c.tell('vulnerability.detected', { vulnerability: cve, affects: [lib] });
    c.sbom(app, [lib, c.purl('other@1.0.0')]);
    c.sbom(app, [c.purl('other@1.0.0')]);
    c.sbom(half, [c.purl('other@1.0.0')], { compositions: [{ aggregate: 'incomplete' }] });
    c.deploy('d', app);
    c.deploy('half', half, { service: 'half' });
    c.deploy('bare', c.sha256('bare'), { service: 'bare' });
    await c.send();
    const impact = await c.impact(c.id('Vulnerability', cve));
    expect(impact.affected.nodes).toMatchObject([{ disputed: true }]);
    expect(impact.unknown.nodes.map((one: { reason: string }) => one.reason)).toEqual([
      'NO_SBOM',
      'SBOM_INCOMPLETE',
    ]);
  });

  it('a rollback to an earlier deployment: that one is live again', async () => {
    const c = createCase('rollback');
    const [one, two] = [c.sha256('one'), c.sha256('two')];
    const commits = ['1', '2'].map((text) => hex(`${c.tag} ${text}`, 40));
    c.tell('source.commit.created', { commit: commits[0] });
    c.tell('source.commit.created', { commit: commits[1], parents: [commits[0]] });
    for (const [at, digest] of [one, two].entries()) {
      c.tell('build.completed', {
        ...{ build: `https://ci.example/${c.tag}/runs/${at}`, commit: commits[at] },
        ...{ outcome: 'success', artifacts: [{ digest }] },
      });
    }
    c.deploy('first', one);
    c.deploy('second', two);
    const between = c.at();
    const known = await c.send();
    const live = async (asOf?: Data) => {
      const query = `query ($ids: [ID!]!, $asOf: AsOf) { nodes(ids: $ids) { ... on Deployment { isLive(asOf: $asOf) } } }`;
      const ids = ['first', 'second', 'unheard-of'].map((name) => c.id('Deployment', c.key(name)));
      const data = await c.ask(query, { ids, asOf });
      return data.nodes.map((node: { isLive: boolean } | null) => node?.isLive ?? null);
    };
    expect(await live()).toEqual([false, true, null]);
    c.tell('deployment.verified', { deployment: 'second', result: 'failed' });
    c.tell('deployment.rolledback', { deployment: 'second' });
    await c.send();
    expect(await live()).toEqual([true, false, null]);
    expect(await live({ valid: between })).toEqual([false, true, null]);
    expect(await live({ known })).toEqual([false, true, null]);

    const isDeployed = async (commit: string, asOf?: Data) => {
      const query = `query ($commit: String!, $environments: [String!], $asOf: AsOf) { isDeployed(commit: $commit, environments: $environments, asOf: $asOf) { commit { key } environments { environment { key } deployed count } deployments { nodes { deployment { key } } } } }`;
      return (await c.ask(query, { commit, environments: c.environments, asOf })).isDeployed;
    };
    // the older commit runs, by itself or inside of the later one; the later one does not run any more
    expect(await isDeployed(commits[0]!)).toMatchObject({
      environments: [{ deployed: true, count: 1 }],
    });
    expect(await isDeployed(commits[0]!, { known })).toMatchObject({
      environments: [{ deployed: true }],
    });
    expect(await isDeployed(commits[1]!)).toMatchObject({
      environments: [{ deployed: false, count: 0 }],
    });
    expect(await isDeployed(commits[1]!, { known })).toMatchObject({
      environments: [{ deployed: true }],
    });

    const { diff } = await c.ask(
      `query ($a: ID!, $b: ID!) { diff(from: $a, to: $b) { changes(kinds: [COMMIT]) { nodes { subject before after } } } }`,
      { a: c.id('Artifact', one), b: c.id('Artifact', two) },
    );
    expect(diff.changes.nodes).toEqual([{ subject: commits[1], before: [], after: [commits[1]] }]);
  });

  it('an image index and its platform manifest: what is in the manifest is in what deploys the index', async () => {
    const c = createCase('index');
    const [index, amd, arm] = [c.sha256('index'), c.sha256('amd64'), c.sha256('arm64')];
    const [lib, cve] = [c.purl('lib@4.0.0'), `CVE-${c.tag}`];
    c.tell('artifact.created', {
      ...{ digest: index, mediaType: 'application/vnd.oci.image.index.v1+json' },
      contains: [amd, arm],
    });
    c.sbom(amd, [lib]);
    c.deploy('index', index);
    c.deploy('arm', arm, { service: 'arm' });
    c.tell('vulnerability.detected', { vulnerability: cve, affects: [lib] });
    await c.send();
    const impact = await c.impact(c.id('Vulnerability', cve));
    expect(keysOf(impact.affected)).toEqual(['index']);
    expect(impact.unknown.nodes).toMatchObject([{ reason: 'NO_SBOM' }]);
    c.sbom(arm, [c.purl('other@1.0.0')]);
    await c.send();
    expect((await c.impact(c.id('Vulnerability', cve))).notAffected.nodes).toMatchObject([
      { reason: 'SBOM_WITHOUT_MATCH' },
    ]);
    const GAPS = `query ($environment: String) { gaps(environment: $environment) { total gaps { nodes { kind missing at { key } } } hops { nodes { artifact { key } slsaBuildLevel claimedLevel trust reason } } } }`;
    const { gaps } = await c.ask(GAPS, { environment: c.environments[0] });
    const named = gaps.gaps.nodes.map(({ kind, at }: { kind: string; at: { key: string } }) =>
      [kind, at.key === index ? 'index' : at.key === arm ? 'arm' : at.key].join(' '),
    );
    // the manifests that the index contains are nobody's to state but its own
    expect(named).toEqual(
      expect.arrayContaining([
        'NO_BUILD index',
        'NO_BUILD arm',
        'NO_PROVENANCE index',
        'NO_PROVENANCE arm',
      ]),
    );
    expect(named).not.toContain('NO_SBOM index');
    expect(gaps.hops.nodes).toMatchObject([
      { slsaBuildLevel: 0, claimedLevel: 0, trust: null },
      { slsaBuildLevel: 0, claimedLevel: 0, trust: null },
    ]);
  });

  it('a canary beside the stable deployment: both are live until the next', async () => {
    const c = createCase('canary');
    const [stable, canary] = [c.sha256('stable'), c.sha256('canary')];
    c.deploy('stable', stable, { parallel: true });
    c.deploy('canary', canary, { parallel: true });
    await c.send();
    const of = (digest: string) => c.impact(c.id('Artifact', digest));
    expect([keysOf((await of(stable)).affected), keysOf((await of(canary)).affected)]).toEqual([
      ['stable'],
      ['canary'],
    ]);
    expect((await of(canary)).groups).toMatchObject([
      {
        environment: { key: `${c.tag}/prod` },
        service: { key: `${c.tag}/shop` },
        affected: 1,
        unknown: 1,
      },
    ]);
    c.deploy('next', canary);
    await c.send();
    const after = await of(canary);
    expect([after.total, keysOf(after.affected)]).toEqual([1, ['next']]);
    // a deployment of nothing
    c.tell('deployment.created', {
      deployment: 'end',
      artifacts: [],
      environment: 'prod',
      scope: c.tag,
      service: 'shop',
    });
    c.tell('deployment.completed', { deployment: 'end' });
    await c.send();
    expect((await of(canary)).total).toBe(0);
  });

  it('a tag that moved: who deployed it before runs what it was then', async () => {
    const c = createCase('tag');
    const [before, after] = [c.sha256('before'), c.sha256('after')];
    const tag = `registry.example/${c.tag}/shop:latest`;
    c.tell('artifact.published', { digest: before, location: tag });
    c.deploy('early', tag, { service: 'a' });
    c.tell('artifact.published', { digest: after, location: tag });
    c.deploy('late', tag, { service: 'b' });
    await c.send();
    const of = async (digest: string) =>
      keysOf((await c.impact(c.id('Artifact', digest))).affected);
    expect([await of(before), await of(after)]).toEqual([['early'], ['late']]);
    // only what the tag resolved to later lies downstream of what is bad
    const between = { from: '2000-01-01T00:00:00Z', to: '2100-01-01T00:00:00Z' };
    const { compromise } = await c.ask(
      'query ($of: ID!, $between: TimeSpan!) { compromise(of: $of, between: $between) { tainted { nodes { deployment { key } } } } }',
      { of: c.id('Artifact', after), between },
    );
    expect(keysOf(compromise.tainted)).toEqual(['late']);
  });

  it('pages through long answers, and refuses what cannot be asked', async () => {
    const c = createCase('pages');
    const app = c.sha256('app');
    for (let at = 0; at < 5; at += 1) c.deploy(`d${at}`, app, { service: `s${at}` });
    await c.send();
    const query = `query ($of: ID!, $after: String) { impact(of: $of) { affectedCount affected(first: 2, after: $after) { totalCount nodes { deployment { key } } pageInfo { hasNextPage endCursor } } } }`;
    const found: string[] = [];
    for (let after: string | null = null, more = true; more;) {
      const { impact } = await c.ask(query, { of: c.id('Artifact', app), after });
      expect([impact.affectedCount, impact.affected.totalCount]).toEqual([5, 5]);
      found.push(...keysOf(impact.affected));
      ({ hasNextPage: more, endCursor: after } = impact.affected.pageInfo);
    }
    expect(found).toEqual(['d0', 'd1', 'd2', 'd3', 'd4']);
    const refused = async (text: string, variables: Data) =>
      (await asked.ask(text, variables)).codes;
    const environment = c.id('Environment', `${c.tag}/prod`);
    expect(await refused(query, { of: environment })).toEqual(['BAD_USER_INPUT']);
    expect(await refused(query, { of: c.id('Artifact', c.sha256('nothing')) })).toEqual([
      'NOT_FOUND',
    ]);
    expect(await refused('{ gaps { total } }', {})).toEqual(['BAD_USER_INPUT']);
    expect(
      await refused(
        `query ($of: ID!) { compromise(of: $of, between: { from: "2026-01-02T00:00:00Z", to: "2026-01-01T00:00:00Z" }) { taintedCount } }`,
        { of: c.id('Artifact', app) },
      ),
    ).toEqual(['BAD_USER_INPUT']);
  });
});
