import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { Ajv } from 'ajv';
import formats from 'ajv-formats';
import fc from 'fast-check';
import { exportGraph } from '../../../src/export/export.ts';
import { EXPORT_FORMATS, type ExportGraph } from '../../../src/export/graph.ts';
import { visible } from '../../../src/export/text.ts';
import { EDGE_KINDS, EDGE_TYPES } from '../../../src/model/edge.ts';
import { dotStrings, mermaidStatements, parseCsv, xmlTexts } from './parsers.ts';
import { DIGEST, HOSTILE, node, SAMPLE } from './sample.ts';
import { W3C_PROV_JSON } from './w3c-prov-json.ts';

const OPENLINEAGE = new URL('../../fixtures/openlineage/OpenLineage.json', import.meta.url);
const PROV = new URL('prov-json.schema.json', import.meta.url);
const PROV_DOCUMENTS = new URL('../../fixtures/prov-json/', import.meta.url);

/** Characters that mean something in one of the formats. */
const MEANINGFUL = '"\\<>&\'`#;=+-@,\n\r\t]|%{}\u001b\u202e\u0000'.split('');

/** Two things of one name and key, with an edge. */
const named = (text: string): ExportGraph => ({
  ...{ kind: 'lineage', root: 'A', truncated: false },
  nodes: [
    node('A', { key: text, name: text }),
    node('B', { label: 'Build', key: `k${text}`, name: text }),
  ],
  edges: [{ from: 'A', to: 'B', type: 'GENERATED_BY', trust: 'SIGNED', validFrom: 0 }],
});

describe('the sample, as written', () => {
  it('DOT', () => {
    expect(exportGraph(SAMPLE, 'DOT')).toBe(`digraph lineage {
  rankdir=LR;
  node [fontname="sans-serif"];
  "D" [label="Deployment shop \\"blue\\" <1>\\nhttps://deploy.example#1", shape=house, penwidth=3];
  "A" [label="Artifact =shop.tgz\\n${DIGEST}", shape=box];
  "B" [label="Build release\\nhttps://ci.example/run/1", shape=component];
  "R" [label="Builder https://ci.example/runner", shape=note];
  "C" [label="Commit Fix\\\\u{202e} it\\n${'c'.repeat(40)}", shape=ellipse];
  "P" [label="PackageVersion pkg:npm/left-pad@1.0.0", shape=box];
  "D" -> "A" [label="DEPLOYS", style=dashed];
  "A" -> "B" [label="GENERATED_BY"];
  "B" -> "R" [label="RAN_ON", style=dashed];
  "B" -> "C" [label="BUILT_FROM"];
  "A" -> "P" [label="CONTAINS", style=dashed];
}
`);
  });

  it('Mermaid', () => {
    expect(exportGraph(SAMPLE, 'MERMAID')).toBe(`flowchart LR
  n0["Deployment shop #34;blue#34; #60;1#62;<br/>https://deploy.example#35;1"]
  n1["Artifact =shop.tgz<br/>${DIGEST}"]
  n2["Build release<br/>https://ci.example/run/1"]
  n3["Builder https://ci.example/runner"]
  n4["Commit Fix#92;u#123;202e#125; it<br/>${'c'.repeat(40)}"]
  n5["PackageVersion pkg:npm/left-pad@1.0.0"]
  n0 -.->|DEPLOYS| n1
  n1 -->|GENERATED_BY| n2
  n2 -.->|RAN_ON| n3
  n2 -->|BUILT_FROM| n4
  n1 -.->|CONTAINS| n5
  classDef root stroke-width:3px
  class n0 root
`);
  });

  it('CSV', () => {
    const time = '2026-11-21T10:00:00.000Z';
    expect(exportGraph(SAMPLE, 'CSV').split('\r\n')).toEqual([
      'from_label,from_key,from_name,type,to_label,to_key,to_name,trust,valid_from,change',
      `Deployment,https://deploy.example#1,"shop ""blue"" <1>",DEPLOYS,Artifact,${DIGEST},"'=shop.tgz",UNVERIFIED,${time},`,
      `Artifact,${DIGEST},"'=shop.tgz",GENERATED_BY,Build,https://ci.example/run/1,release,SIGNED,${time},`,
      'Build,https://ci.example/run/1,release,RAN_ON,Builder,https://ci.example/runner,,UNVERIFIED,,',
      `Build,https://ci.example/run/1,release,BUILT_FROM,Commit,${'c'.repeat(40)},"Fix\\u{202e} it",TRUSTED,${time},`,
      `Artifact,${DIGEST},"'=shop.tgz",CONTAINS,PackageVersion,pkg:npm/left-pad@1.0.0,,UNVERIFIED,${time},`,
      '',
    ]);
  });

  it('PROV-JSON', () => {
    expect(JSON.parse(exportGraph(SAMPLE, 'PROV_JSON'))).toMatchObject({
      activity: {
        'stemma:B': {
          'prov:startTime': '2026-11-21T09:59:00.000Z',
          'prov:endTime': '2026-11-21T10:00:00.000Z',
        },
        'stemma:D': { 'prov:label': 'shop "blue" <1>' },
      },
      agent: { 'stemma:R': { 'stemma:key': 'https://ci.example/runner' } },
      entity: { 'stemma:A': { 'stemma:key': DIGEST }, 'stemma:C': {}, 'stemma:P': {} },
      used: {
        '_:r0': { 'prov:activity': 'stemma:D', 'prov:entity': 'stemma:A' },
        '_:r3': { 'prov:activity': 'stemma:B', 'prov:entity': 'stemma:C' },
      },
      wasGeneratedBy: { '_:r1': { 'prov:entity': 'stemma:A', 'prov:activity': 'stemma:B' } },
      wasAssociatedWith: { '_:r2': { 'prov:activity': 'stemma:B', 'prov:agent': 'stemma:R' } },
      hadMember: { '_:r4': { 'prov:collection': 'stemma:A', 'prov:entity': 'stemma:P' } },
    });
  });

  it('OpenLineage', () => {
    const [deployment, build] = exportGraph(SAMPLE, 'OPENLINEAGE')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(deployment).toMatchObject({
      eventType: 'COMPLETE',
      inputs: [{ name: DIGEST }],
      outputs: [],
    });
    expect(build).toMatchObject({
      eventType: 'COMPLETE',
      eventTime: '2026-11-21T10:00:00.000Z',
      job: { name: 'release' },
      inputs: [{ name: 'c'.repeat(40) }],
      outputs: [{ namespace: 'stemma/Artifact', name: DIGEST }],
    });
  });

  it('NDJSON holds what JSON holds', () => {
    const whole = JSON.parse(exportGraph(SAMPLE, 'JSON'));
    const lines = exportGraph(SAMPLE, 'NDJSON')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines[0]).toMatchObject({
      type: 'export',
      kind: 'lineage',
      root: 'D',
      truncated: false,
    });
    expect(lines.filter(({ type }) => type === 'node')).toEqual(
      whole.nodes.map((one: object) => ({ type: 'node', ...one })),
    );
    expect(lines.filter(({ type }) => type === 'edge')).toEqual(
      whole.edges.map(({ type, ...edge }: { type: string }) => ({
        type: 'edge',
        edgeType: type,
        ...edge,
      })),
    );
    expect(whole.nodes[2].properties).toEqual({
      ...{
        startedAt: '2026-11-21T09:59:00.000Z',
        finishedAt: '2026-11-21T10:00:00.000Z',
        outcome: 'success',
      },
    });
  });
});

describe('schemas', () => {
  const everything: ExportGraph = {
    ...{ kind: 'diff', root: 'n0', truncated: true },
    nodes: EDGE_TYPES.flatMap((type, at) =>
      EDGE_KINDS[type].ends.flatMap(([from, to], pair) => [
        node(`n${at}-${pair}a`, { label: from, change: 'ADDED', name: HOSTILE[at] ?? null }),
        node(`n${at}-${pair}b`, { label: to, change: 'REMOVED' }),
      ]),
    ),
    edges: EDGE_TYPES.flatMap((type, at) =>
      EDGE_KINDS[type].ends.map((_, pair) => ({
        ...{ from: `n${at}-${pair}a`, to: `n${at}-${pair}b`, type },
        ...{ trust: 'UNVERIFIED' as const, validFrom: at },
      })),
    ),
  };
  const prov = formats
    .default(new Ajv({ strict: false, allErrors: true }))
    .compile(JSON.parse(readFileSync(PROV, 'utf8')));
  const w3c = formats.default(new Ajv({ strict: false, allErrors: true })).compile(W3C_PROV_JSON);

  it.each([
    ['the sample', SAMPLE],
    ['every edge there is', everything],
    ...HOSTILE.map((text) => [visible(text), named(text)] as const),
  ])('PROV-JSON of %s fits the schema of the submission and our own', (_, graph) => {
    const document: unknown = JSON.parse(exportGraph(graph, 'PROV_JSON'));
    for (const schema of [w3c, prov]) {
      schema(document);
      expect(schema.errors).toBeNull();
    }
  });

  /** Of the Python package prov: somebody else's idea of the format. */
  const documents = readdirSync(PROV_DOCUMENTS)
    .filter((name) => name.endsWith('.json'))
    .map(
      (name) => [name, JSON.parse(readFileSync(new URL(name, PROV_DOCUMENTS), 'utf8'))] as const,
    );

  // the package lists the members of a collection in one record, which the submission does not
  it.each(documents.filter(([name]) => name !== 'member3.json'))(
    'the schema of the submission accepts %s of the Python package prov',
    (_, document) => {
      w3c(document);
      expect(w3c.errors).toBeNull();
    },
  );

  it.each(documents)(
    'our own schema of PROV-JSON accepts %s of the Python package prov',
    (_, document) => {
      prov({ prefix: {}, ...document });
      expect(prov.errors).toBeNull();
    },
  );

  it('there is a document of that package for whatever the export writes', () => {
    const sections = new Set(documents.flatMap(([, document]) => Object.keys(document)));
    for (const section of Object.keys(JSON.parse(exportGraph(everything, 'PROV_JSON')))) {
      expect([...sections]).toContain(section);
    }
  });

  it.each([
    { activities: {} },
    { used: { '_:1': { 'prov:activity': 'a:b' } } },
    { used: { '_:1': { 'prov:entity': 'no name' } } },
    { entity: { 'a:b': { 'prov:label': null } } },
    { entity: { 'a:b': { 'prov:label': { $: 1 } } } },
    { wasGeneratedBy: { '_:1': { 'prov:entity': 'a:b', 'prov:time': 'yesterday' } } },
  ])('the schema of the submission refuses %j', (document) => {
    expect(w3c(document)).toBe(false);
  });

  it('PROV-JSON schema refuses what is none', () => {
    expect(prov({ prefix: {}, used: { '_:1': { 'prov:activity': 'a:b' } } })).toBe(false);
    expect(prov({ prefix: {}, entity: { 'no name': {} } })).toBe(false);
    expect(
      prov({ prefix: {}, used: { '_:1': { 'prov:activity': 'a:b', 'prov:entity': 'no name' } } }),
    ).toBe(false);
  });

  const openlineage = formats
    .default(new Ajv2020({ strict: false, allErrors: true }))
    .compile(JSON.parse(readFileSync(OPENLINEAGE, 'utf8')));

  it.each([
    ['the sample', SAMPLE],
    ['every edge there is', everything],
  ])('OpenLineage events of %s fit the official schema', (_, graph) => {
    for (const line of exportGraph(graph, 'OPENLINEAGE').trimEnd().split('\n')) {
      openlineage(JSON.parse(line));
      expect(openlineage.errors).toBeNull();
    }
  });

  it('the OpenLineage schema refuses what is none', () => {
    const [line] = exportGraph(SAMPLE, 'OPENLINEAGE').split('\n');
    expect(openlineage({ ...JSON.parse(line!), producer: 'stemma' })).toBe(false);
    expect(openlineage({ ...JSON.parse(line!), run: { runId: '1' } })).toBe(false);
  });

  it('OpenLineage events say which version of this program wrote them, and name no web site', () => {
    for (const line of exportGraph(everything, 'OPENLINEAGE').trimEnd().split('\n')) {
      expect(JSON.parse(line)).toMatchObject({
        eventTime: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
        producer: expect.stringMatching(/^urn:stemma:\d+\.\d+\.\d+/),
        schemaURL: expect.stringMatching(/RunEvent$/),
        run: {
          runId: expect.stringMatching(
            /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
          ),
        },
        job: { namespace: expect.any(String), name: expect.any(String) },
      });
    }
  });
});

describe('hostile names (S44)', () => {
  const text = fc.oneof(
    fc.constantFrom(...HOSTILE),
    fc.string({ unit: 'binary', maxLength: 30 }),
    fc.string({
      unit: fc.constantFrom(...MEANINGFUL),
      maxLength: 12,
    }),
  );
  const each = (check: (name: string) => void) => {
    for (const name of HOSTILE) check(name);
    fc.assert(fc.property(text, check), { numRuns: 300 });
  };

  it.each(EXPORT_FORMATS)(
    '%s has no character that acts on a terminal or turns text around, and no tag of theirs',
    (format) => {
      each((name) => {
        const out = exportGraph(named(name), format);
        expect(out.replaceAll(/\r?\n/g, '')).not.toMatch(
          /[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069\u200b-\u200f]/,
        );
        expect(out.isWellFormed()).toBe(true);
        if (format !== 'DOT' && format !== 'CSV') expect(out).not.toMatch(/<(script|img)/i);
      });
    },
  );

  it('JSON, NDJSON: gives back the very name', () => {
    each((name) => {
      expect(JSON.parse(exportGraph(named(name), 'JSON')).nodes[0].name).toBe(name);
      const [, first] = exportGraph(named(name), 'NDJSON').split('\n');
      expect(JSON.parse(first!).name).toBe(name);
    });
  });

  it('DOT: stays one string', () => {
    each((name) => {
      const { strings, rest } = dotStrings(exportGraph(named(name), 'DOT'));
      expect(strings.at(2)).toBe(`Artifact ${visible(name)}`);
      expect(rest).toBe(dotStrings(exportGraph(named('plain'), 'DOT')).rest);
    });
  });

  it('Mermaid: stays one label', () => {
    each((name) => {
      const statements = mermaidStatements(exportGraph(named(name), 'MERMAID'));
      expect(statements.map(({ shape }) => shape)).toEqual([
        'node',
        'node',
        'edge',
        'other',
        'other',
      ]);
      expect(statements[1]!.text).toBe(`Build ${visible(name)}\n${visible(`k${name}`)}`);
    });
  });

  it('GraphML: stays one text of well-formed XML', () => {
    each((name) => {
      const texts = xmlTexts(exportGraph(named(name), 'GRAPHML'));
      const shown = visible(name);
      expect(texts.filter(([key]) => key === 'node-name').map(([, value]) => value)).toEqual([
        shown,
        shown,
      ]);
    });
  });

  it('GraphML: gives back the very properties', () => {
    each((name) => {
      const graph = { ...named('plain'), nodes: [node('A', { properties: { message: name } })] };
      const texts = new Map(xmlTexts(exportGraph({ ...graph, edges: [] }, 'GRAPHML')));
      expect(JSON.parse(texts.get('node-properties') ?? '')).toEqual({ message: name });
    });
  });

  it('CSV: stays one cell, and no formula', () => {
    each((name) => {
      const rows = parseCsv(exportGraph(named(name), 'CSV'));
      expect(rows.map((row) => row.length)).toEqual([10, 10]);
      const cell = rows[1]![2]!;
      expect(cell).not.toMatch(/^\s*[=+\-@]/);
      expect([visible(name), `'${visible(name)}`]).toContain(cell);
    });
  });
});
