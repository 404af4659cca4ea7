/* eslint-disable @typescript-eslint/no-explicit-any -- answers are looked into freely */
import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startField, type Field } from '../../support/field.ts';
import { event } from '../../support/events.ts';
import { addImpact } from '../../../src/cli/commands/impact.ts';
import { runCli } from '../../support/cli.ts';

/**
 * One advisory, and what runs of two services: `shop` in production with what is affected, in staging with the fix; `mail`, which nobody
 * has an SBOM of; and deployments of `shop` before.
 */
const SOURCE = 'https://ci.example/incident-table';
const CVE = 'CVE-2031-INCIDENT';
const NET = 'pkg:golang/incident.example/net';
const [APP, GRPC, HTTP] = [
  'pkg:golang/incident.example/app@v1.0.0',
  'pkg:golang/incident.example/grpc@v1.2.0',
  'pkg:golang/incident.example/http@v2.0.0',
];
const COMMIT = createHash('sha1').update('incident').digest('hex');
const BUILD = `${SOURCE}/runs/2`;
const digest = (name: string) =>
  `sha256:${createHash('sha256').update(`incident ${name}`).digest('hex')}`;

const MATCHES = `matches { totalCount nodes { thing { key } version fixedIn otherPaths
  dependencyPath { explained claim path { nodes { key } edges { type claims { claim } } } }
  introduced { at unknownBefore deployment { key origin { builds { nodes { key } } commits { nodes { key } } } } } } }`;
const QUERY = `query ($of: ID!, $onlyLive: Boolean = true) {
  impact(of: $of, environments: ["incident/production", "incident/staging"], onlyLive: $onlyLive) {
    affectedCount notAffectedCount unknownCount
    groups(by: SERVICE) { service { key } environment { key } affected notAffected unknown }
    affected(first: 9) { nodes { deployment { key liveSince } claimants ${MATCHES} liveFixes { totalCount nodes { deployment { key } version { key } sameService } } } }
    unknown(first: 9) { nodes { deployment { key } reason ${MATCHES} } }
    notAffected(first: 9) { nodes { deployment { key } claimants ${MATCHES} liveFixes { nodes { deployment { key } } } } }
  }
}`;

describe('the incident table of an advisory', () => {
  let field: Field;
  let of: string;
  let clock = Date.parse('2020-06-01T00:00:00Z');
  const told: object[] = [];
  const tell = (type: string, data: Record<string, unknown>): void => {
    clock += 3_600_000;
    const time = new Date(clock).toISOString();
    told.push(event(type, data, { source: SOURCE, time, id: `incident-${told.length}` }));
  };
  const sbom = (
    about: string,
    net: string | null,
    further: Record<string, unknown> = {},
  ): string => {
    const version = net === null ? [] : [`${NET}@${net}`];
    const content = JSON.stringify({
      ...{ bomFormat: 'CycloneDX', specVersion: '1.6', version: 1 },
      metadata: { component: { type: 'application', name: about, 'bom-ref': 'root' } },
      components: [APP, GRPC, HTTP, ...version].map((purl) => ({
        type: 'library',
        name: purl,
        'bom-ref': purl,
        purl,
      })),
      dependencies: [
        { ref: 'root', dependsOn: [GRPC, HTTP, APP] },
        { ref: GRPC, dependsOn: version },
        { ref: HTTP, dependsOn: [APP] },
        { ref: APP, dependsOn: version },
      ],
      ...further,
    });
    const hash = createHash('sha256').update(content).digest('hex');
    tell('document.submitted', { digest: `sha256:${hash}`, content, about });
    return hash;
  };
  const deploy = (deployment: string, image: string, place: Record<string, unknown>): void => {
    tell('deployment.created', {
      deployment,
      artifacts: [digest(image)],
      scope: 'incident',
      service: 'shop',
      ...place,
    });
    tell('deployment.completed', { deployment });
  };
  const key = (deployment: string) => `${SOURCE}#${deployment}`;
  let now: any;
  const ask = async () => (now ??= (await field.ask(QUERY, { of })).impact);
  let document = '';

  beforeAll(async () => {
    field = await startField();
    tell('build.completed', {
      build: BUILD,
      outcome: 'success',
      commit: COMMIT,
      artifacts: [{ digest: digest('two') }],
    });
    deploy('zero', 'zero', { environment: 'production' });
    sbom(digest('one'), null);
    deploy('one', 'one', { environment: 'production' });
    document = sbom(digest('two'), 'v0.17.0');
    deploy('two', 'two', { environment: 'production' });
    sbom(digest('three'), 'v0.17.0', { version: 2 });
    deploy('three', 'three', { environment: 'production' });
    sbom(digest('four'), 'v0.23.0');
    deploy('four', 'four', { environment: 'staging' });
    sbom(digest('five'), 'v0.2.0');
    deploy('five', 'five', { environment: 'staging', service: 'old' });
    sbom(digest('six'), 'v0.24.0', { dependencies: [{ ref: 'root', dependsOn: [APP] }] });
    deploy('six', 'six', { environment: 'staging', service: 'other' });
    deploy('seven', 'seven', { environment: 'staging', service: 'mail' });
    sbom(digest('eight'), 'v0.18.0', { dependencies: [{ ref: 'root', dependsOn: [APP] }] });
    deploy('eight', 'eight', { environment: 'production', service: 'bare' });
    tell('vulnerability.detected', {
      vulnerability: CVE,
      affects: [`${NET}?vers=${encodeURIComponent('vers:golang/>=v0.10.0|<v0.23.0')}`],
    });
    await field.post(told);
    of = (await field.idOf(CVE)) ?? '';
  });
  afterAll(() => field.stop());

  it('says what is meant, the first fixed version, and the way through the document that lists it', async () => {
    const { affected } = await ask();
    const keys = affected.nodes.map(({ deployment }: any) => deployment.key);
    expect(keys.sort()).toEqual([key('eight'), key('three')].sort());
    const three = affected.nodes.find(({ deployment }: any) => deployment.key === key('three'));
    const { totalCount, nodes } = three.matches;
    expect(totalCount).toBe(1);
    expect(nodes[0]).toMatchObject({
      thing: { key: `${NET}@v0.17.0` },
      version: 'v0.17.0',
      fixedIn: 'v0.23.0',
      otherPaths: 2,
    });
    const { explained, path } = nodes[0].dependencyPath;
    expect(explained).toBe(true);
    expect(path.nodes.map((node: any) => node.key)).toEqual([
      ...[key('three'), digest('three'), APP, `${NET}@v0.17.0`],
    ]);
    expect(three.claimants).toContain(SOURCE);
  });

  it('says it of one deployment, too', async () => {
    const item = async (ref: string) =>
      field.ask(
        'query ($of: ID!, $d: ID!) { impact(of: $of) { item(deployment: $d) { verdict matches { nodes { fixedIn } } } } }',
        { of, d: await field.idOf(ref) },
      );
    expect((await item(key('three'))).impact.item).toEqual({
      verdict: 'AFFECTED',
      matches: { nodes: [{ fixedIn: 'v0.23.0' }] },
    });
    expect((await item(key('one'))).impact.item).toBeNull(); // another one has its place
    await expect(item(digest('three'))).rejects.toThrow('kind Artifact');
  });

  it('finds the very ways that dependencyPaths finds', async () => {
    const { affected } = await ask();
    for (const { deployment, matches } of affected.nodes) {
      const [{ thing, dependencyPath, otherPaths }] = matches.nodes;
      const id = await field.idOf(deployment.key);
      const { dependencyPaths } = await field.ask(
        `query ($of: ID!, $package: String!) { dependencyPaths(of: $of, package: $package) { paths { totalCount nodes {
          explained claim path { nodes { key } edges { type claims { claim } } } } } } }`,
        { of: id, package: thing.key },
      );
      const { totalCount, nodes } = dependencyPaths.paths;
      expect(dependencyPath).toEqual(nodes[0]);
      expect(otherPaths).toBe(totalCount - 1);
    }
  });

  it('says that a way is not known where the document lists the package and no more', async () => {
    const { affected } = await ask();
    const eight = affected.nodes.find(({ deployment }: any) => deployment.key === key('eight'));
    expect(eight.matches.nodes[0]).toMatchObject({
      fixedIn: 'v0.23.0',
      otherPaths: 0,
      dependencyPath: { explained: false },
    });
  });

  it('names the deployment that brought it into the service, and those before of which nobody knows', async () => {
    const { affected } = await ask();
    const three = affected.nodes.find(({ deployment }: any) => deployment.key === key('three'));
    expect(three.matches.nodes[0].introduced).toMatchObject({
      unknownBefore: 1,
      deployment: {
        key: key('two'),
        origin: { builds: { nodes: [{ key: BUILD }] }, commits: { nodes: [{ key: COMMIT }] } },
      },
    });
    expect(three.matches.nodes[0].dependencyPath.claim).not.toBe(document);
  });

  it('says where a fix is live: the same service first; an older version and what nobody knows are not fixes', async () => {
    const { affected } = await ask();
    const three = affected.nodes.find(({ deployment }: any) => deployment.key === key('three'));
    expect(three.liveFixes.nodes).toEqual([
      { deployment: { key: key('four') }, version: { key: `${NET}@v0.23.0` }, sameService: true },
      { deployment: { key: key('six') }, version: { key: `${NET}@v0.24.0` }, sameService: false },
    ]);
    // of what is not live any more, nobody could say that its fix is live
    const { affected: past } = (await field.ask(QUERY, { of, onlyLive: false })).impact;
    expect(past.nodes.map(({ liveFixes }: any) => liveFixes)).toEqual(past.nodes.map(() => null));
    expect(past.nodes).toHaveLength(3);
  });

  it('counts by service, and has nothing that matches where nothing is affected', async () => {
    const { groups, notAffected, unknown } = await ask();
    expect(groups.map(({ service, environment }: any) => [service.key, environment])).toEqual(
      [
        ['incident/shop', null],
        ['incident/bare', null],
        ['incident/mail', null],
        ['incident/old', null],
        ['incident/other', null],
      ].sort(([a], [b]) => rank(String(a)) - rank(String(b)) || (String(a) < String(b) ? -1 : 1)),
    );
    expect(unknown.nodes).toMatchObject([
      { deployment: { key: key('seven') }, reason: 'NO_SBOM', matches: { totalCount: 0 } },
    ]);
    for (const { matches, liveFixes } of notAffected.nodes) {
      expect([matches.totalCount, liveFixes.nodes]).toEqual([0, []]);
    }
  });

  it('is a table on the command line: totals first, one line each, and below it where it came from', async () => {
    const args = ['impact', CVE, '--environment', 'incident/production', 'incident/staging'];
    const { status, out } = await runCli([addImpact], args, { url: field.url });
    expect(status).toBe(3);
    expect(out[0]).toBe('AFFECTED: 2, UNKNOWN: 1, NOT AFFECTED: 3');
    const text = out.join('\n');
    expect(text).toMatch(
      /^ {2}shop\tincident\/production\t-\t2020-[^\t]*\tincident\.example\/net@v0\.17\.0\tv0\.23\.0$/m,
    );
    for (const line of [
      'through shop → incident.example/app@v1.0.0 → incident.example/net@v0.17.0 (2 other ways)',
      'through what is not known: its document lists it, and does not say what depends on it',
      `with ${key('two')}, built of commit ${COMMIT.slice(0, 12)} by ${BUILD}; of 1 earlier deployment it is not known`,
      'fix live in incident/staging incident/shop (incident.example/net@v0.23.0)',
    ])
      expect(text).toContain(line);

    const shown = await runCli([addImpact], args, {
      url: field.url,
      isTerminal: true,
      columns: 120,
    });
    expect(shown.out.filter((line) => line.length > 120)).toEqual([]);
    expect(shown.out.find((line) => line.startsWith('  SERVICE'))).toMatch(
      /SERVICE +ENVIRONMENT +VERSION +SINCE +WHAT +FIXED IN/,
    );

    const why = await runCli([addImpact], [...args, '--why'], { url: field.url });
    expect(why.out.join('\n')).toContain(`said by ${SOURCE}`);
  });
});

const rank = (service: string) =>
  /shop|bare/.test(service) ? 0 : service.includes('mail') ? 1 : 2;
