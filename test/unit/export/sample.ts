import type { ExportGraph, ExportNode } from '../../../src/export/graph.ts';

/** What producers may call things, to see who obeys it. */
export const HOSTILE = [
  '<script>alert(1)</script>',
  '<img src=x onerror=alert(1)>',
  'red \u001b[31mansi\u001b[0m',
  'exe\u202etxt.gpj',
  'zero\u200bwidth',
  'quote " and \' and `',
  'line\nbreak\r\nand\ttab',
  '=HYPERLINK("http://x","y")',
  '+1',
  '-1',
  '@SUM(A1)',
  ' =1',
  '\t=1',
  'a,b;c',
  'a & b ]]> c',
  '&lt;already&gt;',
  'back\\slash \\N \\" "',
  '"]; evil [label="',
  '"] --> n0; click n0 call evil() %%',
  'end',
  '#quot;#35;',
  '```mermaid',
  '\u0000\u0001\ufffe\uffff',
  '\ud800lone',
  '日本語 🦀',
  '',
] as const;

export const node = (id: string, rest: Partial<ExportNode> = {}): ExportNode => ({
  ...{ id, label: 'Artifact', key: id, name: null, depth: null, change: null, properties: {} },
  ...rest,
});

const TIME = Date.UTC(2026, 10, 21, 10);
export const DIGEST = `sha256:${'a'.repeat(64)}`;

/** A deployment, back to its commit. */
export const SAMPLE: ExportGraph = {
  kind: 'lineage',
  root: 'D',
  truncated: false,
  nodes: [
    node('D', {
      label: 'Deployment',
      key: 'https://deploy.example#1',
      name: 'shop "blue" <1>',
      depth: 0,
      properties: { createdAt: TIME, completedAt: TIME + 60_000 },
    }),
    node('A', { key: DIGEST, name: '=shop.tgz', depth: 1, properties: { size: 12 } }),
    node('B', {
      label: 'Build',
      key: 'https://ci.example/run/1',
      name: 'release',
      depth: 2,
      properties: { startedAt: TIME - 60_000, finishedAt: TIME, outcome: 'success' },
    }),
    node('R', { label: 'Builder', key: 'https://ci.example/runner', depth: 3 }),
    node('C', { label: 'Commit', key: 'c'.repeat(40), name: 'Fix\u202e it', depth: 3 }),
    node('P', { label: 'PackageVersion', key: 'pkg:npm/left-pad@1.0.0', depth: 2 }),
  ],
  edges: [
    { from: 'D', to: 'A', type: 'DEPLOYS', trust: 'UNVERIFIED', validFrom: TIME },
    { from: 'A', to: 'B', type: 'GENERATED_BY', trust: 'SIGNED', validFrom: TIME },
    { from: 'B', to: 'R', type: 'RAN_ON', trust: 'UNVERIFIED', validFrom: null },
    { from: 'B', to: 'C', type: 'BUILT_FROM', trust: 'TRUSTED', validFrom: TIME },
    { from: 'A', to: 'P', type: 'CONTAINS', trust: 'UNVERIFIED', validFrom: TIME },
  ],
};
