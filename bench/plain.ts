import { decodeEntry } from '../src/apply/decode.ts';
import type { Graph } from '../src/graph/driver.ts';
import { edgeName, mergeChanges, type StoredValue } from '../src/graph/write/rows.ts';
import type { Statements } from '../src/graph/statement.ts';
import type { LoggedEvent } from '../src/graph/write/writer.ts';
import { contentHash, type Envelope } from '../src/model/event.ts';
import { inFlight } from './events.ts';

/** What ours is compared with: `MERGE` by key with `ON CREATE SET`, no stamps, no claims, rows prepared before the clock starts. */

type Rows = { key?: string; a?: string; b?: string; p?: Record<string, StoredValue> }[];
type PlainBatch = readonly (readonly [statement: string, rows: Rows])[];

/** Events as a log has them that begins with 1. */
export function logged(events: readonly Envelope[]): LoggedEvent[] {
  return events.map((envelope, at) =>
    decodeEntry({
      text: JSON.stringify(envelope),
      n: at + 1,
      acceptedAt: Date.now(),
      contentHash: contentHash(envelope),
    }),
  );
}

/** Events/s of the plain write, with `width` batches of `size` in flight. */
export async function plain(
  graph: Graph,
  limits: Statements,
  events: readonly LoggedEvent[],
  size: number,
  width: number,
): Promise<number> {
  const batches = plainBatches(events, size);
  return timed(events.length, () =>
    inFlight(batches, width, (batch) =>
      graph.write('bench', async (runStatement) => {
        await Promise.all(
          batch.map(([statement, rows]) => runStatement(limits.get(statement), { rows })),
        );
      }),
    ),
  );
}

export async function timed(count: number, work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return count / ((performance.now() - start) / 1_000);
}

/** The same facts without stamps and claims, one statement per label and edge type, deduplicated and sorted. */
function plainBatches(events: readonly LoggedEvent[], size: number): PlainBatch[] {
  const batches: PlainBatch[] = [];
  for (let at = 0; at < events.length; at += size) {
    const batch = events.slice(at, at + size);
    const rows = mergeChanges(batch);
    const nodes = (label: 'Build' | 'Commit' | 'Artifact'): Rows =>
      (rows.nodes.get(label) ?? []).map(({ key, f }) => ({
        key,
        p: Object.fromEntries(
          f
            .flatMap(({ p }) => Object.entries(p))
            .filter(([name, value]) => !name.startsWith('s_') && value !== null),
        ),
      }));
    const edges = (name: string): Rows =>
      (rows.edges.get(name) ?? []).map(({ a, b }) => ({ a, b }));
    batches.push([
      ['limit-events', batch.map(({ identity, properties }) => ({ key: identity, p: properties }))],
      ['limit-artifact', nodes('Artifact')],
      ['limit-build', nodes('Build')],
      ['limit-commit', nodes('Commit')],
      ['limit-built-from', edges(edgeName('BUILT_FROM', 'Build', 'Commit'))],
      ['limit-generated-by', edges(edgeName('GENERATED_BY', 'Artifact', 'Build'))],
    ]);
  }
  return batches;
}
