import { fileURLToPath } from 'node:url';
import { assertedBy } from '../src/apply/decode.ts';
import { createGraph, type Graph } from '../src/graph/driver.ts';
import { migrate } from '../src/graph/migrate.ts';
import { loadStatements, type Statements } from '../src/graph/statement.ts';
import { createWriter } from '../src/graph/write/writer.ts';
import { compareDigests } from '../src/replay/compare-digests.ts';
import { rebuild } from '../src/replay/rebuild.ts';
import { SILENT } from '../src/telemetry.ts';
import { inFlight, makeEvents } from './events.ts';
import { logged, plain } from './plain.ts';
import { machine, median, progress, round2, startBenchServers } from './servers.ts';

const ROUNDS = 3;
const BATCH = 1_000;
const IN_FLIGHT = 2;

/** The whole way of a rebuild: the log is read from one Neo4j, and applied to an empty one beside it. */
export async function run(argv: readonly string[]): Promise<object> {
  const count = Number(argv[0] ?? 20_000);
  const [from, into] = [await startBenchServers('1g'), await startBenchServers()];
  const [source, target] = [from, into].map(({ neo4jUri: uri }) =>
    createGraph({ uri, user: '', password: '' }),
  ) as [Graph, Graph]; // one for each
  try {
    const statements = loadStatements();
    const limits = loadStatements(fileURLToPath(new URL('./cypher/', import.meta.url)));
    await migrate(source, statements);
    await migrate(target, statements);
    progress('filling the log');
    await fill(source, statements, count);
    const measure = async (): Promise<{ rate: number; cpuSeconds: number }> => {
      await target.execute(limits.get('wipe'), {});
      const cpu = process.cpuUsage();
      const start = performance.now();
      await rebuild({ source, target, statements, now: Date.now, log: SILENT });
      const seconds = (performance.now() - start) / 1_000;
      const used = process.cpuUsage(cpu);
      return { rate: count / seconds, cpuSeconds: (used.user + used.system) / 1e6 };
    };
    const limit = (name: string): Promise<number> =>
      plain(target, limits, logged(makeEvents(name, count)), BATCH, IN_FLIGHT);

    progress('warming up');
    await measure();
    await limit('warm');
    const rounds = [];
    for (let round = 1; round <= ROUNDS; round += 1) {
      const plainRate = await limit(`r${round}`);
      const ours = await measure();
      progress(
        `round ${round}: limit ${Math.round(plainRate)}, rebuild ${Math.round(ours.rate)} events/s`,
      );
      rounds.push({ limit: plainRate, ours });
    }
    const { equal } = await compareDigests(source, target, statements);
    return {
      bench: 'replay',
      unit: 'events/s',
      events: count,
      stemma: Math.round(median(rounds.map(({ ours }) => ours.rate))),
      limit: Math.round(median(rounds.map((one) => one.limit))),
      ratio: round2(median(rounds.map((one) => one.ours.rate / one.limit))),
      digestsEqual: equal,
      best: { batch: BATCH, inFlight: IN_FLIGHT },
      cpuSecondsPerMillion: round2(
        median(rounds.map(({ ours }) => ours.cpuSeconds)) / (count / 1_000_000),
      ),
      peakMemoryMb: Math.round(process.resourceUsage().maxRSS / 1_024),
      machine: machine(),
      versions: into.versions,
    };
  } finally {
    await Promise.allSettled([source.close(), target.close()]);
    await Promise.allSettled([from.stop(), into.stop()]);
  }
}

async function fill(graph: Graph, statements: Statements, count: number): Promise<void> {
  const writer = createWriter({ graph, statements, assertedBy });
  const events = logged(makeEvents('log', count));
  const batches = Array.from({ length: Math.ceil(count / BATCH) }, (_, at) =>
    events.slice(at * BATCH, (at + 1) * BATCH),
  );
  await inFlight(batches, 1, (batch) => writer.write(batch));
}
