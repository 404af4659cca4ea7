import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { assertedBy } from '../../../src/apply/decode.ts';
import { createReader, type Reader } from '../../../src/graph/read/reader.ts';
import type { EntityRecord, LineageEdgeRecord } from '../../../src/graph/read/records.ts';
import { loadStatements } from '../../../src/graph/statement.ts';
import { createWriter } from '../../../src/graph/write/writer.ts';
import { createHistory, type History } from '../../../src/history/history.ts';
import { NOW, type Moment } from '../../../src/model/moment.ts';
import { NAME_ONLY_LABELS, refId, type NodeLabel, type NodeRef } from '../../../src/model/node.ts';
import { createSeed, type Seed } from '../../support/graph-seed.ts';
import {
  claimsAt,
  distance,
  edgeKey,
  foldClaims,
  lineageOf,
  logOf,
  propertiesAt,
  type OracleLog,
} from '../../support/lineage-oracle.ts';
import { deliveries, histories } from '../../support/pipeline-history.ts';

/** STEMMA_LINEAGE_SEEDS: more at night. */
const SEEDS = Number(process.env['STEMMA_LINEAGE_SEEDS'] ?? 60);
const GROUP = 10;
const ACCEPTED = 1_795_000_000_000 + 86_400_000;
const SOME_TYPES = ['CONTAINS', 'USED', 'AFFECTS', 'RAN_ON'] as const;
const TAG_TYPES = ['DEPLOYS', 'USED', 'RESOLVED_TO', 'GENERATED_BY', 'AFFECTS'] as const;
const DIRECTIONS = ['UPSTREAM', 'DOWNSTREAM', 'BOTH'] as const;

/** Random choices of one seed. */
function choices(seed: number) {
  let state = seed + 1;
  const next = (below: number): number => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return Math.floor((state / 2_147_483_648) * below);
  };
  return { next, one: <T>(list: readonly T[]): T => list[next(list.length)]! };
}

const toRef = (id: string): NodeRef => ({
  label: id.slice(0, id.indexOf(':')) as NodeLabel,
  key: id.slice(id.indexOf(':') + 1),
});

describe('lineage against the log', () => {
  let seed: Seed;
  let reader: Reader;
  let history: History;
  const statements = loadStatements();
  beforeAll(async () => {
    seed = await createSeed();
    reader = createReader(seed.graph, statements);
    history = createHistory(seed.graph, statements);
  });
  afterAll(async () => seed.close());

  it.each(Array.from({ length: SEEDS / GROUP }, (_, at) => at * GROUP))(
    'random histories from seed %i on: lineage, edges, claims and paths at random moments',
    async (start) => {
      const worlds = Array.from({ length: GROUP }, (_, at) => {
        const number = start + at;
        const told = histories(`${seed.prefix}s${number}`, { min: 12, max: 40 }).chain(deliveries);
        const [sample = []] = fc.sample(told, { seed: number, numRuns: 1 });
        // the bus gives a repeated event the log number of its first copy
        const envelopes = [...new Map(sample.map((one) => [one.id, one])).values()];
        const events = logOf(envelopes, seed.n + number * 1_000, ACCEPTED);
        return { number, events, log: foldClaims(events) };
      });
      const writer = createWriter({ graph: seed.graph, statements, assertedBy });
      await writer.write(worlds.flatMap(({ events }) => events));
      for (const { number, log } of worlds) {
        const context = await check(number, log);
        expect({ seed: number, ...context }).toEqual({ seed: number, ...context, problems: [] });
      }
    },
    120_000,
  );

  async function check(number: number, log: OracleLog) {
    const { next, one } = choices(number);
    const ids = [...log.nodes].sort();
    const moments: Moment[] = [
      NOW,
      { valid: one(log.events).at, known: one(log.events).n },
      { valid: one(log.events).at - next(2), known: NOW.known },
      { valid: NOW.valid, known: one(log.events).n },
    ];
    const records = await reader.byRefs(ids.map(toRef));
    const users = aroundMovedTags(log);
    const problems: unknown[] = [];
    for (const at of moments) {
      const root = one(next(2) === 0 && users.length > 0 ? users : ids);
      const direction = one(DIRECTIONS);
      const throughHistory = next(2) === 1;
      const edgeTypes = one([null, null, null, null, SOME_TYPES, TAG_TYPES]);
      const scope = { direction, throughHistory, edgeTypes, at };
      const expected = lineageOf(log, root, scope);
      const found = await reader.lineage(records.get(root)!, {
        ...scope,
        maxDepth: null,
        limit: 1_000,
        want: { properties: false, edges: true, claims: true },
      });
      const question = { root, ...scope };
      compare(problems, question, {
        expected: Object.fromEntries(expected.depths),
        found: Object.fromEntries(found.nodes.map(({ node, depth }) => [refId(node), depth])),
      });
      compare(problems, question, {
        expected: edgeMap(expected.edges),
        found: edgeMap((await found.edges()).map(toOracle)),
      });
      const counts = await reader.lineageCounts(records.get(root)!, { ...scope, maxDepth: null });
      compare(problems, question, {
        expected: expected.depths.size,
        found: counts.reduce((sum, { count }) => sum + count, 0),
      });
      if (direction !== 'BOTH') {
        await checkPaths(problems, log, records, { ...scope, direction }, root, one);
      }
    }
    for (const at of moments) {
      const id = one(ids);
      const expected = propertiesAt(log.events, id, at);
      const entity = await history.entityAt(records.get(id)!, at);
      const named = NAME_ONLY_LABELS.has(toRef(id).label);
      compare(
        problems,
        { node: id, at },
        {
          expected: expected === null ? null : { resolved: named, ...expected, ...toRef(id) },
          found: entity === null ? null : { ...entity, internal: undefined },
        },
      );
    }
    return { problems: problems.slice(0, 1) };
  }

  async function checkPaths(
    problems: unknown[],
    log: OracleLog,
    records: ReadonlyMap<string, EntityRecord>,
    scope: Parameters<typeof lineageOf>[2] & { direction: 'UPSTREAM' | 'DOWNSTREAM' },
    root: string,
    one: <T>(list: readonly T[]) => T,
  ): Promise<void> {
    const reachable = [...lineageOf(log, root, scope).depths.keys()].sort();
    const goal = reachable.length > 0 ? one(reachable) : one([...log.nodes].sort());
    const expected = turned(log, root, goal, scope);
    const held = new Map(
      [...Map.groupBy(claimsAt(log, scope.at), edgeKey)].map(([id, claims]) => [
        id,
        claims.map(({ claim }) => claim).sort(),
      ]),
    );
    for (const k of [1, 3]) {
      const { paths } = await reader.paths(records.get(root)!, records.get(goal)!, {
        ...{ throughHistory: false },
        ...scope,
        k,
        claims: true,
      });
      const question = { root, goal, k, ...scope };
      compare(problems, question, {
        expected,
        found: paths[0]?.edges.length ?? null,
      });
      for (const { nodes, edges } of paths) {
        const broken = edges.filter((edge, at) => {
          const ends = [refId(edge.from), refId(edge.to)].sort();
          const steps = [refId(nodes[at]!), refId(nodes[at + 1]!)].sort();
          const claims = edge.claims.map(({ claim }) => claim).sort();
          return (
            ends.join() !== steps.join() ||
            held.get(edgeKey(toOracle(edge)))?.join() !== claims.join()
          );
        });
        compare(problems, question, { expected: [], found: broken });
        compare(problems, question, {
          expected: edges.length + 1,
          found: new Set(nodes.map(refId)).size,
        });
      }
      const written = paths.map(({ edges }) => edges.map((edge) => edgeKey(toOracle(edge))).join());
      compare(problems, question, { expected: written.length, found: new Set(written).size });
    }
  }

  /** A way to a builder, advisory, … is looked for from its end. */
  function turned(
    log: OracleLog,
    root: string,
    goal: string,
    scope: Parameters<typeof lineageOf>[2],
  ): number | null {
    const direction = scope.direction === 'UPSTREAM' ? 'DOWNSTREAM' : 'UPSTREAM';
    return CONTEXT.test(goal) && !CONTEXT.test(root)
      ? distance(log, goal, root, { ...scope, direction })
      : distance(log, root, goal, scope);
  }
});

const CONTEXT =
  /^(?:Builder|Repository|Package|Vulnerability|Environment|Service|Identity|Attestation|Document|Workflow|Step|Agent):/;

/** Tags that have resolved to several things, what they resolved to, and what used them. */
function aroundMovedTags({ claims }: OracleLog): string[] {
  const resolutions = claims.filter(({ type }) => type === 'RESOLVED_TO');
  const tags = Map.groupBy(resolutions, ({ from }) => from);
  const moved = [...tags].filter(([, own]) => new Set(own.map(({ to }) => to)).size > 1);
  const names = new Set(moved.map(([tag]) => tag));
  const around = claims.filter(({ from, to }) => names.has(from) || names.has(to));
  return [...new Set(around.flatMap(({ from, to }) => [from, to]))].sort();
}

function toOracle({ from, type, to, claims }: LineageEdgeRecord) {
  return { from: refId(from), type, to: refId(to), claims: claims.map(({ claim }) => claim) };
}

function edgeMap(edges: readonly ReturnType<typeof toOracle>[]): Record<string, string[]> {
  return Object.fromEntries(
    edges.map((edge) => [edgeKey(edge), edge.claims.toSorted()] as const).sort(),
  );
}

function compare(
  problems: unknown[],
  question: unknown,
  { expected, found }: { expected: unknown; found: unknown },
): void {
  try {
    expect(found).toEqual(expected);
  } catch {
    problems.push({ question, expected, found });
  }
}
