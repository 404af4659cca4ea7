import { createHash } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { assertedBy, decodeEntry } from '../src/apply/decode.ts';
import { createGraph } from '../src/graph/driver.ts';
import { migrate } from '../src/graph/migrate.ts';
import { loadStatements } from '../src/graph/statement.ts';
import { createWriter, type LoggedEvent } from '../src/graph/write/writer.ts';
import { machine, progress, round2, startBenchServers } from './servers.ts';

/** Of the pool of an organisation, what one image contains. */
const POOL = 5_000;
const COMMON = 200;
const OTHERS = 100;
/** Documents of one transaction, as the writer of documents takes them. */
const BATCH = 16;

/**
 * SBOMs of images that contain 300 packages each out of a pool of 5,000, the same 200 in almost all of them: documents/s by tenth of
 * the run. What one costs must not grow with how many have come before (issue 16).
 *
 * @param argv number of images, default 1,000
 */
export async function run(argv: readonly string[]): Promise<object> {
  const images = Number(argv[0] ?? 1_000);
  const servers = await startBenchServers();
  const graph = createGraph({ uri: servers.neo4jUri, user: '', password: '' });
  try {
    const statements = loadStatements();
    await migrate(graph, statements);
    const writer = createWriter({ graph, statements, assertedBy });
    const size = Math.ceil(images / 10);
    const tenths: number[] = [];
    for (let tenth = 0; tenth < 10; tenth += 1) {
      const documents = Array.from({ length: size }, (_, at) => submitted(tenth * size + at));
      const start = performance.now();
      for (let at = 0; at < size; at += BATCH) await writer.write(documents.slice(at, at + BATCH));
      tenths.push((size / (performance.now() - start)) * 1_000);
      progress(`${(tenth + 1) * size} images: ${round2(tenths.at(-1) ?? 0)} documents/s`);
    }
    const own = loadStatements(fileURLToPath(new URL('./cypher/', import.meta.url)));
    const [counted] = await graph.read(own.get('edges'), {}, { timeoutMs: 600_000 });
    const edges = Number(counted?.get('edges'));
    return {
      bench: 'organisation',
      unit: 'documents/s',
      ...{ images: size * 10, packages: COMMON + OTHERS, pool: POOL, edges },
      tenths: tenths.map(round2),
      /** Of the last tenth to the second: the first one warms up. */
      ratio: round2((tenths[9] ?? 0) / (tenths[1] ?? 1)),
      edgesPerSecond: Math.round((edges / images) * (tenths[9] ?? 0)),
      databaseCpuSeconds: Math.round(servers.databaseCpuSeconds()),
      machine: machine(),
      versions: servers.versions,
    };
  } finally {
    await graph.close();
    await servers.stop();
  }
}

/** The event that submits the SBOM of an image, as the log has it. */
function submitted(image: number): LoggedEvent {
  const content = JSON.stringify(bom(image));
  const digest = `sha256:${createHash('sha256').update(content).digest('hex')}`;
  const text = JSON.stringify({
    specversion: '1.0',
    id: `sbom-${image}`,
    source: 'https://ci.example/acme',
    type: 'document.submitted',
    time: new Date(1_790_000_000_000 + image * 1_000).toISOString(),
    data: { digest, content, about: `sha256:${hashOf(`image ${image}`)}` },
  });
  return decodeEntry({ text, n: image + 1, acceptedAt: Date.now(), contentHash: null });
}

function bom(image: number): object {
  const random = pseudoRandom(image + 1);
  const chosen = new Set<number>();
  for (let at = 0; at < COMMON; at += 1) if (random() < 0.97) chosen.add(at);
  while (chosen.size < COMMON + OTHERS) chosen.add(Math.floor(random() * POOL));
  const components = [...chosen].map((at) => ({
    ...{ type: 'library', 'bom-ref': `p${at}`, name: `package-${at}`, version: '1.0.0' },
    purl: `pkg:npm/package-${at}@1.0.0`,
  }));
  // a package depends on the same others wherever it is
  const dependencies = [...chosen].map((at) => ({
    ref: `p${at}`,
    dependsOn: [at + 1, at + 7].filter((other) => chosen.has(other)).map((other) => `p${other}`),
  }));
  return {
    ...{ bomFormat: 'CycloneDX', specVersion: '1.5', version: 1 },
    metadata: { component: { type: 'container', name: `image-${image}`, version: '1' } },
    ...{ components, dependencies },
  };
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** The same numbers in each run (mulberry32). */
function pseudoRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}
