import { createHash } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { assertedBy, decodeEntry } from '../src/apply/decode.ts';
import { createGraph, type Graph } from '../src/graph/driver.ts';
import { migrate } from '../src/graph/migrate.ts';
import { loadStatements, type Statements } from '../src/graph/statement.ts';
import { mergeChanges } from '../src/graph/write/rows.ts';
import { createWriter, type LoggedEvent } from '../src/graph/write/writer.ts';
import { machine, median, progress, round2, startBenchServers } from './servers.ts';

/** Components of one document, and how many such documents are measured each time. */
const SIZES = [
  { components: 100, documents: 20 },
  { components: 2_000, documents: 3 },
  { components: 20_000, documents: 1 },
] as const;
/** Documents of one transaction. */
const BATCH = 4;

type Figures = {
  readonly seconds: number;
  readonly documentsPerSecond: number;
  readonly componentsPerSecond: number;
};

/**
 * SBOMs of 100, 2,000 and 20,000 components, of which none, or all, are known, and SLSA provenance: from the text to the graph, beside
 * reading them alone, and beside writing the same nodes and edges once, without stamps and claims (`plain`).
 *
 * @param argv rounds, default 3
 */
export async function run(argv: readonly string[]): Promise<object> {
  const rounds = Number(argv[0] ?? 3);
  const servers = await startBenchServers();
  const graph = createGraph({ uri: servers.neo4jUri, user: '', password: '' });
  try {
    const statements = loadStatements();
    const limits = loadStatements(fileURLToPath(new URL('./cypher/', import.meta.url)));
    await migrate(graph, statements);
    const writer = createWriter({ graph, statements, assertedBy });
    let n = 0;
    const decode = (event: object): LoggedEvent => {
      n += 1;
      const text = JSON.stringify(event);
      return decodeEntry({ text, n, acceptedAt: Date.now(), contentHash: null });
    };
    const write = async (events: readonly object[]): Promise<void> => {
      for (let at = 0; at < events.length; at += BATCH) {
        await writer.write(events.slice(at, at + BATCH).map(decode));
      }
    };
    progress('warming up');
    await write(sboms('warm', 2, 2_000));
    await write(sboms('warm', 30, 100));
    await plain(graph, limits, sboms('warm plain', 2, 2_000).map(decode));
    await write(statementsOf('warm', 100));

    const found: Record<string, Figures[]> = {};
    const measure = async (
      name: string,
      of: { documents: number; components: number },
      work: () => unknown,
    ) => {
      const start = performance.now();
      await work();
      const seconds = (performance.now() - start) / 1_000;
      const documentsPerSecond = of.documents / seconds;
      (found[name] ??= []).push({
        seconds,
        documentsPerSecond,
        componentsPerSecond: documentsPerSecond * of.components,
      });
      progress(`${name}: ${round2(seconds)} s`);
    };
    for (let round = 1; round <= rounds; round += 1) {
      for (const { components, documents } of SIZES) {
        const of = { components, documents };
        const fresh = sboms(`pool ${round}`, documents, components);
        const again = sboms(`pool ${round}`, documents, components, ' again');
        await measure(`read ${components}`, of, () => fresh.map(decode));
        await measure(`new ${components}`, of, () => write(fresh));
        await measure(`known ${components}`, of, () => write(again));
        const other = sboms(`plain ${round}`, documents, components).map(decode);
        await measure(`plain ${components}`, of, () => plain(graph, limits, other));
      }
      const of = { components: 1, documents: 400 };
      await measure('provenance', of, () => write(statementsOf(`round ${round}`, of.documents)));
    }
    return {
      bench: 'documents',
      figures: Object.fromEntries(
        Object.entries(found).map(([name, figures]) => [
          name,
          {
            seconds: round2(median(figures.map(({ seconds }) => seconds))),
            documentsPerSecond: round2(median(figures.map((one) => one.documentsPerSecond))),
            componentsPerSecond: Math.round(median(figures.map((one) => one.componentsPerSecond))),
          },
        ]),
      ),
      databaseCpuSeconds: Math.round(servers.databaseCpuSeconds()),
      machine: machine(),
      versions: servers.versions,
    };
  } finally {
    await graph.close();
    await servers.stop();
  }
}

/** The same nodes and edges, once each: `MERGE` of nodes by key, `CREATE` of edges. */
async function plain(
  graph: Graph,
  limits: Statements,
  events: readonly LoggedEvent[],
): Promise<void> {
  const rows = mergeChanges(events);
  const keys = (label: 'Package' | 'PackageVersion' | 'Artifact') =>
    (rows.nodes.get(label) ?? []).map(({ key }) => ({ key, p: {} }));
  const edges = (name: string) => (rows.edges.get(name) ?? []).map(({ a, b }) => ({ a, b }));
  await graph.write('bench', async (runStatement) => {
    for (const [statement, values] of [
      ['limit-package', keys('Package')],
      ['limit-package-version', keys('PackageVersion')],
      ['limit-artifact', keys('Artifact')],
      ['limit-contains', edges('CONTAINS/Artifact/PackageVersion')],
      ['limit-depends-on', edges('DEPENDS_ON/PackageVersion/PackageVersion')],
      ['limit-version-of', edges('VERSION_OF/PackageVersion/Package')],
    ] as const) {
      await runStatement(limits.get(statement), { rows: values });
    }
  });
}

/** Events that submit SBOMs of different images with the same components; `tail` makes them other images. */
function sboms(pool: string, documents: number, count: number, tail = ''): object[] {
  return Array.from({ length: documents }, (_, at) => {
    const image = `${pool} ${count} ${at}${tail}`;
    // each document has components of its own
    const name = (index: number): string =>
      `p-${hashOf(`${pool} ${count} ${at}`).slice(0, 8)}-${index}`;
    const components = Array.from({ length: count }, (_each, index) => ({
      ...{ type: 'library', 'bom-ref': `p${index}`, name: name(index), version: '1.0.0' },
      purl: `pkg:npm/${name(index)}@1.0.0`,
    }));
    const dependencies = components.map(({ 'bom-ref': ref }, index) => ({
      ref,
      dependsOn: [2 * index + 1, 2 * index + 2].filter((to) => to < count).map((to) => `p${to}`),
    }));
    const content = JSON.stringify({
      ...{ bomFormat: 'CycloneDX', specVersion: '1.5', version: 1 },
      metadata: { component: { type: 'container', name: image, version: '1' } },
      ...{ components, dependencies },
    });
    return submitted(image, { content, about: `sha256:${hashOf(image)}` });
  });
}

/** Events that submit SLSA provenance: one artifact, its build, its commit and three dependencies. */
function statementsOf(pool: string, documents: number): object[] {
  return Array.from({ length: documents }, (_, at) => {
    const name = `${pool} statement ${at}`;
    const content = JSON.stringify({
      _type: 'https://in-toto.io/Statement/v1',
      subject: [{ name: 'app', digest: { sha256: hashOf(name) } }],
      predicateType: 'https://slsa.dev/provenance/v1',
      predicate: {
        buildDefinition: {
          buildType: 'https://build.example/v1',
          externalParameters: {},
          resolvedDependencies: [
            {
              uri: 'git+https://forge.example/acme/app',
              digest: { gitCommit: hashOf(`${name} c`).slice(0, 40) },
            },
            ...[1, 2].map((index) => ({
              uri: `pkg:npm/base-${index}@1.0.0`,
              digest: { sha256: hashOf(`base ${index}`) },
            })),
          ],
        },
        runDetails: {
          builder: { id: 'https://build.example/builder' },
          metadata: { invocationId: `https://build.example/runs/${hashOf(name).slice(0, 12)}` },
        },
      },
    });
    return submitted(name, { content });
  });
}

function submitted(
  id: string,
  data: { readonly content: string; readonly about?: string },
): object {
  const digest = `sha256:${createHash('sha256').update(data.content).digest('hex')}`;
  return {
    ...{ specversion: '1.0', id, source: 'https://ci.example/acme', type: 'document.submitted' },
    data: { digest, ...data },
  };
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
