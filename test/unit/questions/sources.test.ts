import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { vexIn } from '../../../src/questions/advisory.ts';
import { judgeContents } from '../../../src/questions/contents.ts';
import { judgeImpact } from '../../support/judge-impact.ts';
import { event } from '../../support/events.ts';
import { graphOfEvents } from '../../support/fold-graph.ts';

const digestOf = (text: string) => `sha256:${createHash('sha256').update(text).digest('hex')}`;
const [ONE, TWO] = [digestOf('sources one'), digestOf('sources two')];

function sbom(image: string, purls: readonly string[], serial = 1) {
  const content = JSON.stringify({
    ...{ bomFormat: 'CycloneDX', specVersion: '1.6', version: serial },
    metadata: { component: { type: 'container', name: 'image', version: image } },
    components: purls.map((purl, at) => ({ type: 'library', name: `c${at}`, purl })),
  });
  return event('document.submitted', { digest: digestOf(content), content });
}

function judge(...events: ReturnType<typeof event>[]) {
  const graph = graphOfEvents([
    ...events,
    event('deployment.created', { deployment: 'd', artifacts: [ONE, TWO], environment: 'prod' }),
    event('vulnerability.detected', {
      vulnerability: 'CVE-1',
      affects: ['pkg:deb/debian/openssl?vers=vers:deb%2F<3.0.11-1'],
    }),
  ]);
  const deployment = 'Deployment:https://ci.example/acme#d';
  const root = 'Vulnerability:CVE-1';
  const vex = vexIn(graph, [root]);
  const [item] = judgeImpact(graph, {
    ...{ root, history: false, truncated: false, vex, deployments: [deployment] },
  });
  return { item, contents: judgeContents(graph, { root: deployment, vex, truncated: false }) };
}

const FIXED = 'pkg:deb/debian/openssl@3.0.11-1';
const [LIBSSL, BASH] = ['pkg:deb/debian/libssl3@3.0.9-1', 'pkg:deb/debian/bash@5.2-1'];

describe('packages whose source nobody states', () => {
  it('are cleared in no image by what another image of the deployment lists', () => {
    const { item, contents } = judge(sbom(ONE, [FIXED, BASH]), sbom(TWO, [LIBSSL, BASH]));
    expect(item).toMatchObject({ verdict: 'UNKNOWN', reason: 'SOURCE_UNKNOWN' });
    expect(item?.detail).toContain('openssl');
    expect(contents.warnings).toEqual([
      expect.stringContaining('does not say what the packages of deb/debian are built from'),
      expect.stringContaining('does not say what the packages of deb/debian are built from'),
    ]);
  });

  it('are cleared where every image lists the package of the name of the source', () => {
    const { item } = judge(sbom(ONE, [FIXED, BASH]), sbom(TWO, [FIXED, LIBSSL]));
    expect(item).toMatchObject({ verdict: 'NOT_AFFECTED', reason: 'SBOM_WITHOUT_MATCH' });
  });

  it('are cleared where another complete document names the sources', () => {
    const sourced = ['pkg:deb/debian/libreadline8@8.2-1?upstream=readline', BASH];
    const { item } = judge(sbom(ONE, [BASH]), sbom(TWO, [LIBSSL, BASH]), sbom(TWO, sourced, 2));
    expect(item).toMatchObject({ reason: 'SOURCE_UNKNOWN' });
    const both = judge(sbom(ONE, [FIXED]), sbom(TWO, [LIBSSL, BASH]), sbom(TWO, sourced, 2));
    expect(both.item).toMatchObject({ reason: 'SBOM_WITHOUT_MATCH' });
  });
});
