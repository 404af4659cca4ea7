import type { Graph } from '../graph/driver.ts';
import type { Statements } from '../graph/statement.ts';
import { compareWithGraph } from './compare-graph.ts';
import { createDifferences, type Difference, type Totals } from './differences.ts';
import { foldLog } from './fold-log.ts';
import { countLog, lastPosition, type LogRange } from './log.ts';
import { checkEvent, checkStrangers } from './stored-events.ts';

export type VerifyOptions = {
  readonly graph: Graph;
  readonly statements: Statements;
  /** How many differences are named; all are counted. */
  readonly limit?: number;
  /** Most nodes and edges that are held in memory at once: more of them are compared in several passes over log and graph. */
  readonly maxInMemory?: number;
  readonly onProgress?: (progress: VerifyProgress) => void;
  readonly signal?: AbortSignal;
};

export type VerifyProgress = {
  readonly pass: number;
  readonly passes: number;
  /** Events folded in this pass. */
  readonly done: number;
  readonly total: number;
};

export type VerifyReport = {
  readonly ok: boolean;
  readonly events: number;
  /** Nodes and claims of edges that the log makes. */
  readonly nodes: number;
  readonly edges: number;
  readonly totals: Totals;
  readonly differences: readonly Difference[];
  /** True where events were applied meanwhile: what they touched may be among the differences. */
  readonly grown: boolean;
};

const ALL = { from: 0, types: null } as const;
/** Nodes and edges that an event makes at most as a rule; a guess for a graph that has lost some. */
const PER_EVENT = 8;

/** Compares the graph with what its own log says, without a second database, and names what differs. Reads only. */
export async function verifyGraph(options: VerifyOptions): Promise<VerifyReport> {
  const { graph, statements, onProgress, maxInMemory = 300_000 } = options;
  const signal = options.signal === undefined ? {} : { signal: options.signal };
  const differences = createDifferences(options.limit ?? 100);
  const range: LogRange = { ...ALL, until: await lastPosition({ graph, statements }) };
  const events = await countLog({ graph, statements }, range);
  const size = Math.max(await sizeOf(graph, statements), events * PER_EVENT);
  const passes = Math.max(1, Math.ceil(size / maxInMemory));

  await checkStrangers(graph, statements, differences);
  let nodes = 0;
  let edges = 0;
  for (let pass = 0; pass < passes; pass += 1) {
    const owns = (id: string): boolean => passes === 1 || hashOf(id) % passes === pass;
    let done = 0;
    const folded = await foldLog({
      ...{ graph, statements, range, owns },
      ...signal,
      onEvent: (record, event) => {
        if (pass === 0) checkEvent(record, event, differences);
      },
      onBatch: (count) => {
        done += count;
        onProgress?.({ pass: pass + 1, passes, done, total: events });
      },
    });
    nodes += folded.nodes.size;
    edges += folded.edges.size;
    await compareWithGraph({ ...{ graph, statements, folded, owns, differences }, ...signal });
  }
  const totals = differences.totals();
  const last = await lastPosition({ graph, statements });
  return {
    ok: Object.values(totals).every((count) => count === 0),
    ...{ events, nodes, edges, totals, differences: differences.first() },
    grown: last > range.until || (await countLog({ graph, statements }, range)) !== events,
  };
}

async function sizeOf(graph: Graph, statements: Statements): Promise<number> {
  const [row] = await graph.read(statements.get('replay/size'), {});
  return row === undefined ? 0 : Number(row.get('nodes')) + Number(row.get('edges'));
}

/** FNV-1a over the UTF-16 units: the same in every pass, and spread evenly enough. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  }
  return hash >>> 0;
}
