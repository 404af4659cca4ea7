import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { addVulnerabilities } from '../../../src/cli/commands/vulnerabilities.ts';
import { toId } from '../../../src/graphql/ids.ts';
import type { NodeLabel } from '../../../src/model/node.ts';
import type { ApiRole } from '../../../src/roles/api.ts';
import { runCli } from '../../support/cli.ts';
import { event } from '../../support/events.ts';
import { createPipeline, type Pipeline } from '../../support/pipeline.ts';
import { sharedServers } from '../../support/servers.ts';

/**
 * `shop` (two instances of one image) and `cart` run in production, `blind` has no SBOM there, and `cart` runs in staging. CVE-A is
 * critical and affects `cart`; CVE-B, under another name rated high by its score, affects `shop` and `cart`; CVE-C is cleared by VEX;
 * CVE-D, of the highest severity, may be about something in `cart` that has no package URL; CVE-E is low; CVE-F is about nothing here.
 */
describe('what is wrong with what is live', () => {
  let pipeline: Pipeline;
  let api: ApiRole;
  let tag: string;
  let source: string;

  const sha256 = (text: string) =>
    `sha256:${createHash('sha256').update(`${tag} ${text}`).digest('hex')}`;
  const purl = (text: string) => `pkg:npm/${tag}-${text}`;
  const cve = (letter: string) => `CVE-2026-${tag}-${letter}`;
  const key = (deployment: string) => `${source}#${deployment}`;
  const tell = (type: string, data: Record<string, unknown>, time = '2026-11-10T08:00:00Z') =>
    event(type, data, { source, time });
  const document = (content: object, about?: string, time?: string) => {
    const text = JSON.stringify(content);
    const digest = `sha256:${createHash('sha256').update(text).digest('hex')}`;
    return tell('document.submitted', { digest, content: text, ...(about && { about }) }, time);
  };
  const sbom = (about: string, components: readonly object[]) =>
    document(
      {
        ...{ bomFormat: 'CycloneDX', specVersion: '1.6', version: 1, serialNumber: undefined },
        metadata: { component: { type: 'application', name: about, 'bom-ref': 'root' } },
        components: components.map((one, at) => ({ type: 'library', 'bom-ref': `${at}`, ...one })),
      },
      about,
    );
  const listed = (name: string, version: string) => ({
    ...{ name: `${tag}-${name}`, version, purl: `${purl(name)}@${version}` },
  });
  const osv = (id: string, name: string, fixed: string, severity: string | null, more = {}) =>
    document({
      ...{ id, schema_version: '1.6.0', modified: '2026-11-01T00:00:00Z', summary: `of ${name}` },
      affected: [
        {
          package: { ecosystem: 'npm', name: `${tag}-${name}` },
          ranges: [{ type: 'SEMVER', events: [{ introduced: '0' }, { fixed }] }],
        },
      ],
      ...(severity === null ? {} : { database_specific: { severity } }),
      ...more,
    });
  const deploy = (name: string, thing: string, service: string, environment: string, more = {}) => [
    tell('deployment.created', {
      ...{ deployment: name, artifacts: [thing], environment, scope: tag, service, ...more },
    }),
    tell('deployment.completed', { deployment: name }, '2026-11-10T08:05:00Z'),
  ];

  beforeAll(async () => {
    pipeline = await createPipeline(sharedServers());
    tag = `v${pipeline.tag.slice(2, 10)}`;
    source = `https://ci.example/${tag}`;
    await pipeline.startWriter();
    api = await pipeline.startApi();
    await pipeline.publish([
      sbom(sha256('shop'), [listed('web', '1.0.0'), listed('safe', '9.9.9')]),
      sbom(sha256('cart'), [
        ...[listed('web', '1.1.0'), listed('core', '2.0.0'), listed('old', '1.0.0')],
        ...[listed('vexed', '1.0.0'), { name: `${tag}-named`, version: '1.0.0' }],
      ]),
      ...deploy('shop-1', sha256('shop'), 'shop', 'production', { instance: 'a', parallel: true }),
      ...deploy('shop-2', sha256('shop'), 'shop', 'production', { instance: 'b', parallel: true }),
      ...deploy('cart-1', sha256('cart'), 'cart', 'production'),
      ...deploy('cart-2', sha256('cart'), 'cart', 'staging'),
      ...deploy('blind-1', sha256('blind'), 'blind', 'production'),
      osv(cve('A'), 'core', '2.0.1', 'CRITICAL'),
      osv(`GHSA-${tag}`, 'web', '1.2.0', null, { aliases: [cve('B')] }),
      tell('vulnerability.detected', {
        vulnerability: cve('B'),
        affects: [`${purl('web')}@1.0.0`],
        score: 8.1,
      }),
      osv(cve('C'), 'vexed', '3.0.0', 'CRITICAL'),
      osv(cve('D'), 'named', '3.0.0', 'CRITICAL'),
      osv(cve('E'), 'old', '3.0.0', 'LOW'),
      osv(cve('F'), 'safe', '3.0.0', 'CRITICAL'),
      document({
        ...{ '@context': 'https://openvex.dev/ns/v0.2.0', '@id': `https://vex.example/${tag}` },
        ...{ author: 'Acme', timestamp: '2026-11-11T00:00:00Z', version: 1 },
        statements: [
          {
            vulnerability: { name: cve('C') },
            products: [{ '@id': `${purl('vexed')}@1.0.0` }],
            ...{ status: 'not_affected', justification: 'vulnerable_code_not_present' },
          },
        ],
      }),
    ]);
    await pipeline.caughtUp();
    expect(await pipeline.deadLetters()).toEqual([]);
  });
  afterAll(() => pipeline.stop());

  const run = (args: readonly string[], isTerminal = false) =>
    runCli([addVulnerabilities], ['vulnerabilities', ...args], { url: api.address, isTerminal });
  type Found = {
    readonly vulnerability: { readonly key: string };
    readonly severity: string;
    readonly score: number | null;
    readonly affectedCount: number;
    readonly unknownCount: number;
    readonly clearedCount: number;
  };
  const report = async (...args: readonly string[]) => {
    const { out, err } = await run([...args, '--json']);
    expect(err).toEqual([]);
    const { findings, ...rest } = JSON.parse(out[0]!);
    const rows = (findings.nodes as Found[]).map((one) => [
      ...[one.vulnerability.key.replace(cve(''), ''), one.severity, one.score],
      ...[one.affectedCount, one.unknownCount, one.clearedCount],
    ]);
    return { rows, findings: findings.nodes, ...rest };
  };

  it('lists each vulnerability once, worst first, with what it was found in', async () => {
    const { rows, total, affectedCount, severities, findings } = await report(`${tag}/production`);
    expect(rows).toEqual([
      ['A', 'CRITICAL', null, 1, 0, 0],
      ['B', 'HIGH', 8.1, 3, 0, 0],
      ['E', 'LOW', null, 1, 0, 0],
      ['D', 'CRITICAL', null, 0, 1, 0],
    ]);
    expect([total, affectedCount]).toEqual([4, 3]);
    expect(severities).toEqual([
      { severity: 'CRITICAL', count: 1 },
      { severity: 'HIGH', count: 1 },
      { severity: 'LOW', count: 1 },
    ]);
    expect(findings[0].items.nodes).toMatchObject([
      {
        ...{ verdict: 'AFFECTED', reason: 'REACHED', subject: { key: key('cart-1') } },
        matches: { nodes: [{ thing: { key: `${purl('core')}@2.0.0` }, fixedIn: '2.0.1' }] },
      },
    ]);
    expect(findings[3].items.nodes).toMatchObject([
      { verdict: 'UNKNOWN', reason: 'NAME_ONLY', detail: expect.stringContaining('-named') },
    ]);
  });

  it('says what was not examined, and why', async () => {
    const { unexamined } = await report(`${tag}/production`);
    expect(unexamined).toMatchObject({
      totalCount: 1,
      nodes: [{ reason: 'NO_SBOM', subject: { key: key('blind-1') } }],
    });
    expect((await report(`${tag}/staging`)).unexamined.totalCount).toBe(0);
  });

  it('shows what VEX clears where that is asked for', async () => {
    const { rows } = await report(`${tag}/production`, '--cleared');
    expect(rows).toContainEqual(['C', 'CRITICAL', null, 0, 0, 1]);
  });

  it('leaves out what is less bad, and never what nobody rates', async () => {
    const { rows } = await report(`${tag}/production`, '--min-severity', 'high');
    expect(rows.map(([name]: unknown[]) => name)).toEqual(['A', 'B', 'D']);
    await pipeline.publish([osv(cve('U'), 'core', '2.0.1', null)]);
    await pipeline.caughtUp();
    const later = await report(`${tag}/production`, '--min-severity', 'critical');
    expect(later.rows.map(([name]: unknown[]) => name)).toEqual(['A', 'U', 'D']);
    const before = await report(`${tag}/production`, '--at', '2020-01-01');
    expect([before.total, before.rows]).toEqual([0, []]);
  });

  it('is asked of a service, a deployment and an artifact too', async () => {
    const cart = await report(`${tag}/cart`);
    expect([cart.total, cart.rows[0]]).toEqual([2, ['A', 'CRITICAL', null, 2, 0, 0]]);
    const one = await report(key('shop-1'));
    expect(one.rows).toEqual([['B', 'HIGH', 8.1, 1, 0, 0]]);
    const image = await report(sha256('cart'));
    expect(image.rows.map(([name]: unknown[]) => name).slice(0, 2)).toEqual(['A', 'B']);
    expect(image.findings[0].items.nodes[0].subject.key).toBe(sha256('cart'));
    const blind = await report(sha256('blind'));
    expect(blind.unexamined.nodes).toMatchObject([{ reason: 'NO_SBOM' }]);
  });

  it('tells of one vulnerability and one deployment, each by its id', async () => {
    const idOf = (label: NodeLabel, name: string) => toId({ label, key: name });
    const ask = async (vulnerability: string, subject: string) => {
      const response = await fetch(`${api.address}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({
          query: `query ($of: ID!, $vulnerability: ID!, $subject: ID!) {
            vulnerabilityReport(of: $of) { finding(vulnerability: $vulnerability) {
              vulnerability { key } foundIn(subject: $subject) { verdict subject { key } why { rule } } } } }`,
          variables: {
            of: idOf('Environment', `${tag}/production`),
            vulnerability: idOf('Vulnerability', vulnerability),
            subject: idOf('Deployment', subject),
          },
        }),
      });
      const { data, errors } = (await response.json()) as Record<string, any>; // eslint-disable-line @typescript-eslint/no-explicit-any -- the query decides the shape
      expect(errors).toBeUndefined();
      return data.vulnerabilityReport.finding;
    };
    expect(await ask(`GHSA-${tag}`, key('shop-1'))).toMatchObject({
      vulnerability: { key: cve('B') },
      foundIn: { verdict: 'AFFECTED', subject: { key: key('shop-1') } },
    });
    expect((await ask(cve('A'), key('shop-1'))).foundIn).toBeNull();
    expect(await ask(cve('F'), key('shop-1'))).toBeNull();
  });

  it('is a table on a terminal, and exits with 3 where something is affected', async () => {
    const { out, status } = await run([`${tag}/staging`], true);
    expect([status, out[0]]).toEqual([
      3,
      '1 of 1 live deployment affected: CRITICAL 1, HIGH 1, UNKNOWN 1, LOW 1',
    ]);
    expect(out[1]).toMatch(/^ {2}SEVERITY +SCORE +VULNERABILITY +AFFECTED +UNKNOWN +WHAT/);
    expect(out[2]).toMatch(/^ {2}critical +- +CVE-2026-.* 1 +0 .*core.* 2\.0\.1 +cart$/);
  });

  it('does not call a deployment live that is asked for itself', async () => {
    expect((await run([key('shop-1')], true)).out[0]).toBe('1 of 1 deployment affected: HIGH 1');
    expect((await run([sha256('shop')], true)).out[0]).toBe('1 of 1 artifact affected: HIGH 1');
  });

  it('refuses what has no contents, and exits with 4 for what nobody named', async () => {
    expect(await run([cve('A')])).toMatchObject({ status: 2 });
    expect(await run([`${tag}/nowhere`])).toMatchObject({ status: 4, out: [] });
    const { status, err } = await run([`${tag}/staging`, '--min-severity', 'bad']);
    expect([status, err.join()]).toEqual([2, expect.stringContaining('critical')]);
  });
});
