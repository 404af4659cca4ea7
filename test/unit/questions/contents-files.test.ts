import { createHash } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { vexIn } from '../../../src/questions/advisory.ts';
import { judgeContents } from '../../../src/questions/contents.ts';
import { judgeImpact } from '../../support/judge-impact.ts';
import { event } from '../../support/events.ts';
import { graphOfEvents } from '../../support/fold-graph.ts';

const digestOf = (text: string) => `sha256:${createHash('sha256').update(text).digest('hex')}`;
const [WHEEL, SDIST, IMAGE] = ['files wheel', 'files sdist', 'files image'].map(digestOf) as [
  string,
  string,
  string,
];
const VERSION = 'pkg:pypi/several-files@1.0.0';

test.each([
  ['the version', VERSION, 'the wheel', WHEEL, 'AFFECTED'],
  ['the version', VERSION, 'an image that lists the version', IMAGE, 'AFFECTED'],
  ['the wheel', WHEEL, 'the wheel', WHEEL, 'AFFECTED'],
  ['the wheel', WHEEL, 'the other file', SDIST, null],
  ['the wheel', WHEEL, 'an image that lists the version', IMAGE, 'UNKNOWN'],
])(
  'of several files of a version, contains and impact say the same: an advisory on %s (%s), and what runs is %s (%s): %s',
  (_about, affects, _runs, artifact, verdict) => {
    const content = JSON.stringify({
      ...{ bomFormat: 'CycloneDX', specVersion: '1.6', version: 1 },
      metadata: { component: { type: 'container', name: 'image', version: IMAGE } },
      components: [{ type: 'library', name: 'several-files', purl: VERSION }],
    });
    const graph = graphOfEvents([
      event('artifact.created', { digest: WHEEL, purl: VERSION }),
      event('artifact.created', { digest: SDIST, purl: VERSION }),
      event('document.submitted', { digest: digestOf(content), content }),
      event('deployment.created', { deployment: 'd', artifacts: [artifact], environment: 'prod' }),
      event('vulnerability.detected', { vulnerability: 'CVE-1', affects: [affects] }),
    ]);
    const [advisory, deployment] = ['Vulnerability:CVE-1', 'Deployment:https://ci.example/acme#d'];
    const vex = vexIn(graph, [advisory]);
    const [item] = judgeImpact(graph, {
      ...{ root: advisory, history: false, truncated: false, vex, deployments: [deployment] },
    });
    const contents = judgeContents(graph, { root: deployment, vex, truncated: false });
    const found = contents.vulnerabilities.map(({ affects: certain }) => certain.length > 0);
    expect(found).toEqual(verdict === null ? [] : [verdict === 'AFFECTED']);
    if (verdict !== null) expect(item?.verdict).toBe(verdict);
    else expect(item?.verdict).not.toBe('AFFECTED');
  },
);
