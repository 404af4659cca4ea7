import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { EdgeType } from '../../../src/model/edge.ts';
import { groupImpact } from '../../../src/questions/impact-groups.ts';
import type { ImpactQuestion } from '../../../src/questions/impact.ts';
import { judgeImpact } from '../../support/judge-impact.ts';
import type { VexStatement } from '../../../src/questions/vex.ts';
import { graphOf, oracleDownstream, type PlainEdge } from '../../support/question-oracle.ts';

const D = 'Deployment:d';
const A = 'Artifact:a';
const P = 'PackageVersion:pkg:npm/p@1';
const V = 'Vulnerability:CVE-1';
const REACHES: PlainEdge[] = [
  [D, 'DEPLOYS', A],
  [A, 'CONTAINS', P],
  [V, 'AFFECTS', P],
];
/** Somebody says what the advisory is about. */
const ELSEWHERE: PlainEdge = [V, 'AFFECTS', 'PackageVersion:pkg:npm/elsewhere@1'];
const SBOM: Record<string, Record<string, unknown>> = { 'Document:s': { complete: true } };

function vex(product: string, status: VexStatement['status'], at = 1): VexStatement {
  return {
    vulnerability: 'CVE-1',
    product,
    status,
    justification: null,
    at,
    event: `e${at}`,
    within: null,
  };
}

function judge(
  edges: readonly PlainEdge[],
  question: Partial<ImpactQuestion> = {},
  properties = SBOM,
) {
  const deployments = [D];
  return judgeImpact(graphOf([...edges, ELSEWHERE], properties, [V]), {
    ...{ root: V, deployments, history: false, vex: [], truncated: false },
    ...question,
  })[0]!;
}

describe('impact', () => {
  it('proves with a path that something is affected', () => {
    const item = judge(REACHES);
    expect(item).toMatchObject({ verdict: 'AFFECTED', reason: 'REACHED', disputed: false });
    expect(item.path.map(({ type }) => type)).toEqual(['DEPLOYS', 'CONTAINS', 'AFFECTS']);
  });

  it('believes the latest VEX statement, on the package or on what runs', () => {
    expect(judge(REACHES, { vex: [vex(P, 'not_affected')] })).toMatchObject({
      verdict: 'NOT_AFFECTED',
      reason: 'VEX',
      vex: { product: P },
    });
    expect(judge(REACHES, { vex: [vex(A, 'fixed')] }).reason).toBe('VEX');
    expect(judge(REACHES, { vex: [vex(A, 'fixed', 1), vex(A, 'affected', 2)] }).verdict).toBe(
      'AFFECTED',
    );
    expect(
      judge(REACHES, { vex: [vex(P, 'not_affected', 1), vex(P, 'under_investigation', 2)] })
        .verdict,
    ).toBe('AFFECTED');
  });

  it('says of nothing that it is not affected where only part of the graph was read', () => {
    const part = { truncated: true };
    expect(judge(REACHES, part)).toMatchObject({ verdict: 'AFFECTED', reason: 'REACHED' });
    const unknown = { verdict: 'UNKNOWN', reason: 'TRUNCATED', path: [], vex: null };
    expect(judge([[D, 'DEPLOYS', A]], part)).toMatchObject(unknown);
    expect(
      judge(
        [
          [D, 'DEPLOYS', A],
          ['Document:s', 'DESCRIBES', A],
        ],
        part,
      ),
    ).toMatchObject(unknown);
    expect(judge(REACHES, { ...part, vex: [vex(P, 'not_affected')] })).toMatchObject(unknown);
  });

  it('counts a product that a VEX statement calls affected', () => {
    const item = judge([[D, 'DEPLOYS', A]], { vex: [vex(A, 'affected')] });
    expect(item.verdict).toBe('AFFECTED');
  });

  it('reads a VEX statement on a package as one on its versions', () => {
    const edges: PlainEdge[] = [...REACHES, [P, 'VERSION_OF', 'Package:pkg:npm/p']];
    const statement = vex('Package:pkg:npm/p', 'not_affected');
    expect(judge(edges, { vex: [statement] }).reason).toBe('VEX');
  });

  it('knows that something is not affected only where an SBOM is bound to its digest', () => {
    const described: PlainEdge = ['Document:s', 'DESCRIBES', A];
    expect(judge([[D, 'DEPLOYS', A]])).toMatchObject({ verdict: 'UNKNOWN', reason: 'NO_SBOM' });
    expect(judge([[D, 'DEPLOYS', A], described])).toMatchObject({
      verdict: 'NOT_AFFECTED',
      reason: 'SBOM_WITHOUT_MATCH',
    });
    const cut = { 'Document:s': { complete: true, completeness: 'incomplete' } };
    expect(judge([[D, 'DEPLOYS', A], described], {}, cut).reason).toBe('SBOM_INCOMPLETE');
    expect(judge([[D, 'DEPLOYS', A], described], {}, { 'Document:s': {} }).reason).toBe(
      'SBOM_INCOMPLETE',
    );
    expect(judge([[D, 'TARGETS', 'Environment:-/prod']]).reason).toBe('NOTHING_DEPLOYED');
    expect(judge([[D, 'DEPLOYS', 'Resource:docker://x:1']]).reason).toBe('UNRESOLVED');
  });

  it('takes the SBOMs of all platform manifests for one of their index', () => {
    const properties = {
      ...{ 'Document:s1': { complete: true }, 'Document:s2': { complete: true } },
      'Artifact:index': { mediaType: 'application/vnd.oci.image.index.v1+json' },
    };
    const edges: PlainEdge[] = [
      [D, 'DEPLOYS', 'Artifact:index'],
      ['Artifact:index', 'CONTAINS', 'Artifact:amd64'],
      ['Artifact:index', 'CONTAINS', 'Artifact:arm64'],
      ['Document:s1', 'DESCRIBES', 'Artifact:amd64'],
    ];
    expect(judge(edges, {}, properties).reason).toBe('NO_SBOM');
    const both: PlainEdge[] = [...edges, ['Document:s2', 'DESCRIBES', 'Artifact:arm64']];
    expect(judge(both, {}, properties).reason).toBe('SBOM_WITHOUT_MATCH');
  });

  it('asks for the origin where the question is about an origin', () => {
    const edges: PlainEdge[] = [[D, 'DEPLOYS', A]];
    const about = (root: string, ...more: PlainEdge[]) =>
      judge(
        [
          ...edges,
          ...more,
          ['Build:z', 'RAN_ON', 'Builder:bad'],
          ['Artifact:z', 'SIGNED_BY', 'Identity:bad'],
          ['Build:z', 'BUILT_FROM', 'Commit:bad'],
        ],
        { root },
      ).reason;
    expect(about('Builder:bad')).toBe('NO_BUILD');
    expect(about('Builder:bad', [A, 'GENERATED_BY', 'Build:b'])).toBe('NO_BUILDER');
    expect(
      about('Builder:bad', [A, 'GENERATED_BY', 'Build:b'], ['Build:b', 'RAN_ON', 'Builder:good']),
    ).toBe('ORIGIN_WITHOUT_MATCH');
    expect(about('Commit:bad', [A, 'GENERATED_BY', 'Build:b'])).toBe('NO_COMMIT');
    expect(about('Identity:bad')).toBe('NO_SIGNATURE');
  });

  it('resolves a tag to what it was when it was used', () => {
    const edges: PlainEdge[] = [
      ['Resource:tag', 'RESOLVED_TO', 'Artifact:old', 1],
      ['Resource:tag', 'RESOLVED_TO', 'Artifact:new', 5],
      ['Deployment:early', 'DEPLOYS', 'Resource:tag', 3],
      ['Deployment:late', 'DEPLOYS', 'Resource:tag', 6],
    ];
    const of = (root: string) =>
      judgeImpact(graphOf(edges), {
        ...{ root, history: false, vex: [], truncated: false },
        deployments: ['Deployment:early', 'Deployment:late'],
      }).map(({ verdict }) => verdict === 'AFFECTED');
    expect(of('Artifact:old')).toEqual([true, false]);
    expect(of('Artifact:new')).toEqual([false, true]);
    expect(of('Resource:tag')).toEqual([true, true]);
  });

  it('says where two SBOMs disagree', () => {
    const graph = graphOf(
      [...REACHES, ['Document:s', 'DESCRIBES', A], ['Document:t', 'DESCRIBES', A]],
      { ...SBOM, 'Document:t': { complete: true } },
    );
    const said = graph.out(A, 'CONTAINS')[0]! as { claims: unknown };
    said.claims = [{ claim: 's', validFrom: 1, trust: 'UNVERIFIED' }];
    const [item] = judgeImpact(graph, {
      ...{ root: V, deployments: [D], history: false, vex: [], truncated: false },
    });
    expect(item).toMatchObject({ verdict: 'AFFECTED', disputed: true });
  });

  it('asks of a package only for the versions that are meant, and clears none that cannot be read', () => {
    const root = 'Package:pkg:npm/p';
    const versions = ['1.0.0', '2.0.0', 'odd'];
    const edges = versions.flatMap((version): PlainEdge[] => [
      [`Deployment:${version}`, 'DEPLOYS', `Artifact:${version}`],
      [`Artifact:${version}`, 'CONTAINS', `PackageVersion:pkg:npm/p@${version}`],
      [`PackageVersion:pkg:npm/p@${version}`, 'VERSION_OF', root],
      ['Document:s', 'DESCRIBES', `Artifact:${version}`],
    ]);
    const both: PlainEdge = ['Artifact:1.0.0', 'CONTAINS', 'PackageVersion:pkg:npm/p@odd'];
    const isMeant = (version: string) => (version === 'odd' ? null : version === '1.0.0');
    const items = judgeImpact(graphOf([...edges, both], SBOM), {
      ...{ root, history: false, vex: [], truncated: false, versions: isMeant },
      deployments: versions.map((version) => `Deployment:${version}`),
    });
    expect(items).toMatchObject([
      { verdict: 'AFFECTED', reason: 'REACHED' },
      { verdict: 'NOT_AFFECTED', reason: 'SBOM_WITHOUT_MATCH', path: [] },
      { verdict: 'UNKNOWN', reason: 'VERSION_UNREADABLE' },
    ]);
    expect(items[2]?.path.map(({ type }) => type)).toEqual(['DEPLOYS', 'CONTAINS', 'VERSION_OF']);
  });

  it('counts by environment and service', () => {
    const edges: PlainEdge[] = [
      ...REACHES,
      [D, 'TARGETS', 'Environment:-/prod'],
      [D, 'TARGETS', 'Service:-/shop'],
      ['Deployment:e', 'TARGETS', 'Environment:-/prod'],
    ];
    const graph = graphOf(edges);
    const deployments = [D, 'Deployment:e'];
    const items = judgeImpact(graph, {
      ...{ root: V, deployments, history: false, vex: [], truncated: false },
    });
    expect(groupImpact(graph, items)).toMatchObject([
      { environment: 'Environment:-/prod', service: 'Service:-/shop', affected: 1, unknown: 0 },
      { environment: 'Environment:-/prod', service: null, affected: 0, unknown: 1 },
    ]);
  });

  it('reaches what a plain fixed point reaches, by paths that are there', () => {
    fc.assert(
      fc.property(randomGraph, fc.boolean(), statements, ([edges, root], history, said) => {
        const graph = graphOf(edges, {}, [root, ...DEPLOYMENTS]);
        const items = judgeImpact(graph, {
          ...{ root, deployments: DEPLOYMENTS, history, vex: said, truncated: false },
        });
        const isAdvisory = root.startsWith('Vulnerability:');
        const names = isAdvisory ? closeNames(edges, root) : new Set([root]);
        const starts = isAdvisory
          ? new Set(
              edges.flatMap(([from, type, to]) =>
                type === 'AFFECTS' && names.has(from) ? [to] : [],
              ),
            )
          : names;
        const last = new Map<string, string>();
        for (const { product, status } of isAdvisory ? said.toSorted((a, b) => a.at - b.at) : []) {
          const same = closeNames(edges, product);
          const files = edges
            .filter(
              ([from, type]) =>
                type === 'PACKAGED_AS' && same.has(from) && from.startsWith('PackageVersion:'),
            )
            .flatMap(([, , to]) => [...closeNames(edges, to)]);
          for (const id of [...same, ...files]) last.set(id, status);
        }
        const blocked = new Set<string>();
        for (const [id, status] of last) {
          if (status === 'not_affected' || status === 'fixed') blocked.add(id);
          if (status === 'affected' && graph.nodes.has(id)) starts.add(id);
        }
        const reached = oracleDownstream(edges, starts, { history, blocked });
        for (const { deployment, verdict, path } of items) {
          expect([deployment, verdict === 'AFFECTED']).toEqual([
            deployment,
            reached.has(deployment),
          ]);
          for (const edge of path) expect(graph.edges).toContain(edge);
        }
      }),
      { numRuns: 200 },
    );
  });
});

function closeNames(edges: readonly PlainEdge[], id: string): Set<string> {
  const found = new Set([id]);
  for (let before = 0; before !== found.size;) {
    before = found.size;
    for (const [from, type, to] of edges) {
      if (type !== 'SAME_AS') continue;
      if (found.has(from)) found.add(to);
      if (found.has(to)) found.add(from);
    }
  }
  return found;
}

const DEPLOYMENTS = ['Deployment:1', 'Deployment:2', 'Deployment:3'];
const ENDS: readonly (readonly [string, EdgeType, string])[] = [
  ['Deployment', 'DEPLOYS', 'Artifact'],
  ['Deployment', 'DEPLOYS', 'PackageVersion'],
  ['Deployment', 'REPLACES', 'Deployment'],
  ['Artifact', 'GENERATED_BY', 'Build'],
  ['Artifact', 'CONTAINS', 'PackageVersion'],
  ['Artifact', 'CONTAINS', 'Artifact'],
  ['Artifact', 'SAME_AS', 'Artifact'],
  ['PackageVersion', 'PACKAGED_AS', 'Artifact'],
  ['Build', 'USED', 'Artifact'],
  ['Build', 'BUILT_FROM', 'Commit'],
  ['Commit', 'PARENT', 'Commit'],
  ['Vulnerability', 'AFFECTS', 'PackageVersion'],
  ['Vulnerability', 'SAME_AS', 'Vulnerability'],
];
/** Cycles, diamonds, self loops, parts that hang together with nothing. */
const randomGraph = fc.tuple(
  fc.array(
    fc
      .tuple(
        fc.constantFrom(...ENDS),
        fc.integer({ min: 1, max: 3 }),
        fc.integer({ min: 1, max: 3 }),
      )
      .map(([[from, type, to], a, b]): PlainEdge => [`${from}:${a}`, type, `${to}:${b}`]),
    { maxLength: 30 },
  ),
  fc.constantFrom('Vulnerability:1', 'PackageVersion:1', 'Artifact:1', 'Commit:1', 'Build:1'),
);
const statements = fc
  .array(
    fc.record({
      product: fc.constantFrom('PackageVersion:1', 'PackageVersion:2', 'Artifact:1', 'Artifact:2'),
      status: fc.constantFrom<VexStatement['status'][]>(
        'not_affected',
        'affected',
        'fixed',
        'under_investigation',
      ),
    }),
    { maxLength: 4 },
  )
  .map((list) => list.map(({ product, status }, at) => vex(product, status, at)));
