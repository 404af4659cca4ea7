import type { EdgeType } from '../../model/edge.ts';
import { refId } from '../../model/node.ts';
import type { Moment } from '../../model/moment.ts';
import { int, type Graph } from '../driver.ts';
import {
  bestFirst,
  tuplesOf,
  claimOfTuple,
  entityOfTuple,
  toEntity,
  type ClaimRecord,
  type EdgeTuple,
  type EntityRecord,
  type NodeTuple,
} from './records.ts';
import type { Statements } from '../statement.ts';

/** An edge by `Label:key` of its ends, with the claims that held at the moment, best first. */
export type SubgraphEdge = {
  readonly from: string;
  readonly type: EdgeType;
  readonly to: string;
  readonly claims: readonly ClaimRecord[];
};

export type SubgraphRecord = {
  readonly nodes: readonly EntityRecord[];
  readonly edges: readonly SubgraphEdge[];
  /** Whether a walk was cut, because it came to more nodes than one question reads. */
  readonly truncated: boolean;
};

export type WalkRequest = {
  readonly direction: 'up' | 'down';
  readonly types: readonly EdgeType[];
  /** False: of what artifacts contain, only other artifacts. */
  readonly contents: boolean;
};

/** The part of the graph that a question needs, gathered as it held at one moment. Nodes go by their internal numbers. */
export interface SubgraphBuilder {
  /** Numbers of every node gathered so far. */
  ids(): number[];
  add(node: EntityRecord): void;
  /** Gathers nodes by their numbers. */
  see(ids: Iterable<number>): void;
  /** Gathers everything that the nodes lead to, up to a limit; returns the numbers of it, the starts among them. */
  walk(starts: readonly number[], request: WalkRequest): Promise<Set<number>>;
  /**
   * Gathers every way from the ends up to the starts, and more. Where much was derived from the starts, as from a package that is in
   * everything, the few ends are walked from.
   */
  between(
    starts: readonly number[],
    ends: readonly number[],
    types: readonly EdgeType[],
  ): Promise<{ readonly ids: Set<number>; readonly walkedFrom: 'starts' | 'ends' }>;
  /**
   * Gathers everything that the nodes were derived from, and no edges: of much that is inside of things, little may matter. Returns, by
   * number, what each was derived from; the nodes themselves are among the keys.
   */
  above(
    ids: readonly number[],
    types: readonly EdgeType[],
  ): Promise<Map<number, readonly number[]>>;
  /** Gathers the edges among nodes that lead to what they were derived from. */
  among(ids: readonly number[], types: readonly EdgeType[]): Promise<void>;
  /** Gathers edges around the nodes, and what is at their other ends; returns the numbers of those. */
  beside(
    ids: readonly number[],
    types: { readonly out: readonly EdgeType[]; readonly into: readonly EdgeType[] },
  ): Promise<Set<number>>;
  /**
   * Gathers names that several files may have: package versions with several files, digests that do not identify, and names that would
   * identify if claims did not contradict each other (as DISTRIBUTION_OF and HAS_DIGEST). Returns the numbers of what is at their ends.
   *
   * @param toFiles whether from the nodes to their files, beside from files to their names
   */
  names(ids: readonly number[], toFiles: boolean): Promise<Set<number>>;
  /**
   * Gathers what advisories and VEX statements say: of vulnerabilities (`out`), or of packages and things (`in`); returns the
   * numbers of what is at the other ends.
   */
  concerns(ids: readonly number[], direction: 'out' | 'in'): Promise<Set<number>>;
  /** Gathers components without an ecosystem by their names, and versions of packages by the name of the package. */
  named(names: readonly string[], packages: readonly string[]): Promise<Set<number>>;
  /** Gathers the packages of a type (null = of any) and a name, each as [type, name], in whatever namespace; returns their numbers. */
  namesakes(pairs: Iterable<readonly [type: string | null, name: string]>): Promise<Set<number>>;
  /** Gathers the packages whose keys begin so; returns their numbers. */
  below(prefixes: readonly string[]): Promise<Set<number>>;
  /** Gathers the BOM-Links into documents with these serial numbers (a UUID each). */
  linksInto(serials: readonly string[]): Promise<Set<number>>;
  /** Gathers every deployment to the environments; null = to any. Returns their numbers. */
  deployments(environments: readonly string[] | null): Promise<Set<number>>;
  /** Reads the nodes that were gathered only by number. */
  load(): Promise<void>;
  /** Of loaded nodes. */
  get(id: number): EntityRecord | undefined;
  finish(): Promise<SubgraphRecord>;
}

export interface SubgraphReader {
  subgraph(at: Moment): SubgraphBuilder;
  /** Of the nodes, those that have to do with anything but the others. */
  seenElsewhere(ids: readonly number[], among: readonly number[], at: Moment): Promise<Set<number>>;
}

/** Nodes in one statement. */
const PORTION = 5_000;
/** So few nodes walk on by one statement, because what they lead to may be a long chain. */
const FEW = 8;
/** Steps that are taken one by one before that. */
const NEAR = 6;
/** A step that finds more claims than this for each node that a walk may have, and some, ends it. */
const CLAIMS = 4;
const MANY = 1_000;
/** The most nodes of one walk. */
const MAX_NODES = 500_000;
/** A walk to so many costs less than finding out whether the other way were shorter. */
const FEW_NODES = 5_000;

/** The most things of one name, as the statement limits them. */
const MAX_NAMED = 10_000;

const WALK = { up: 'question/walk-up', down: 'question/walk-down' } as const;
const STEP = { up: 'question/step-up', down: 'question/step-down' } as const;
const CONCERNS = { in: 'question/concerns-in', out: 'question/concerns-out' } as const;

export type SubgraphOptions = {
  /** A walk that comes to more nodes is cut, and the answer says so; default 500,000. */
  readonly maxNodes?: number;
  /** What leads to more is walked from its other end, if that is less; default 5,000. */
  readonly fewNodes?: number;
};

export function createSubgraphReader(
  graph: Pick<Graph, 'read'>,
  statements: Statements,
  { maxNodes = MAX_NODES, fewNodes = FEW_NODES }: SubgraphOptions = {},
): SubgraphReader {
  return {
    subgraph: (at) => createBuilder(graph, statements, at, { maxNodes, fewNodes }),
    async seenElsewhere(ids, among, at) {
      if (ids.length === 0) return new Set();
      const rows = await graph.read(statements.get('question/seen-elsewhere'), {
        ...{ ids: ids.map(int), among: among.map(int) },
        ...momentOf(at),
      });
      return new Set(rows.map((row) => row.get('id') as number)); // as the header of the statement says
    },
  };
}

export function momentOf({ valid, known }: Moment) {
  return { valid: int(valid), known: int(known) };
}

function createBuilder(
  graph: Pick<Graph, 'read'>,
  statements: Statements,
  at: Moment,
  { maxNodes, fewNodes }: Required<SubgraphOptions>,
): SubgraphBuilder {
  const nodes = new Map<number, EntityRecord | null>();
  const edges = new Map<string, EdgeTuple[]>();
  let truncated = false;

  const read = async <T>(
    name: string,
    ids: readonly number[],
    parameters: Readonly<Record<string, unknown>>,
    look: (portion: readonly T[]) => void = () => undefined,
  ): Promise<T[]> => {
    const found: T[] = [];
    for (let start = 0; start < ids.length; start += PORTION) {
      const rows = await graph.read(statements.get(name), {
        ids: ids.slice(start, start + PORTION).map(int),
        ...parameters,
      });
      const portion = [...tuplesOf<T>(rows)];
      look(portion);
      for (const tuple of portion) found.push(tuple);
    }
    return found;
  };
  const keep = (rows: readonly EdgeTuple[]): void => {
    const fresh = new Set<string>();
    for (const tuple of rows) {
      const [from, to, type] = tuple;
      for (const id of [from, to]) if (!nodes.has(id)) nodes.set(id, null);
      const key = `${from} ${to} ${type}`;
      const known = edges.get(key);
      // an edge that was met before came with all of its claims
      if (fresh.has(key)) known?.push(tuple);
      else if (known === undefined) {
        edges.set(key, [tuple]);
        fresh.add(key);
      }
    }
  };

  const keepNodes = (rows: Parameters<typeof toEntity>[0][]): Set<number> => {
    const found = rows.map(toEntity);
    for (const node of found) nodes.set(node.internal, node);
    return new Set(found.map(({ internal }) => internal));
  };

  const gather = (reached: ReadonlySet<number>, portions: readonly (readonly EdgeTuple[])[]) => {
    for (const rows of portions) keep(rows);
    builder.see(reached);
  };

  /** Walks until there is no more, or more than `most`. */
  const go = async (
    starts: readonly number[],
    { direction, types, contents }: WalkRequest,
    most: number,
  ) => {
    const reached = new Set(starts);
    const portions: (readonly EdgeTuple[])[] = [];
    const moment = momentOf(at);
    const limit = most * CLAIMS + MANY;
    let isCut = false as boolean; // set by what looks at the rows
    let frontier = [...reached];
    for (let step = 0; frontier.length > 0 && reached.size <= most && !isCut; step += 1) {
      if (step >= NEAR && frontier.length <= FEW && contents) {
        const far = await read<number>(WALK[direction], frontier, {
          ...{ types, limit: int(most), ...moment },
        });
        frontier = [...new Set([...frontier, ...far.filter((id) => !reached.has(id))])];
        for (const id of far) reached.add(id);
      }
      const next = new Set<number>();
      await read<EdgeTuple>(
        STEP[direction],
        frontier,
        { ...{ types, contents, limit: int(limit) }, ...moment },
        (rows) => {
          isCut ||= rows.length >= limit;
          portions.push(rows);
          for (const [from, to] of rows) {
            const id = direction === 'up' ? to : from;
            if (!reached.has(id)) next.add(id);
          }
        },
      );
      for (const id of next) reached.add(id);
      frontier = [...next];
    }
    // what the last nodes lead to was not read
    return { reached, portions, complete: frontier.length === 0 && !isCut };
  };

  /** Null, and nothing is gathered, where it is more. */
  const walkUpTo = async (most: number, starts: readonly number[], request: WalkRequest) => {
    const { reached, portions, complete } = await go(starts, request, Math.min(most, maxNodes));
    if (!complete) return null;
    gather(reached, portions);
    return reached;
  };

  const builder: SubgraphBuilder = {
    ids: () => [...nodes.keys()],
    add(node) {
      nodes.set(node.internal, node);
    },
    see(ids) {
      for (const id of ids) if (!nodes.has(id)) nodes.set(id, null);
    },

    async walk(starts, request) {
      const { reached, portions, complete } = await go(starts, request, maxNodes);
      gather(reached, portions);
      if (!complete) truncated = true;
      return reached;
    },

    async between(starts, ends, types) {
      const down = { direction: 'down', types, contents: true } as const;
      const up = { direction: 'up', types, contents: true } as const;
      const few = await walkUpTo(fewNodes, starts, down);
      if (few !== null) return { ids: few, walkedFrom: 'starts' };
      const above = await walkUpTo(maxNodes / 2, ends, up);
      if (above !== null) return { ids: above, walkedFrom: 'ends' };
      return { ids: await builder.walk(starts, down), walkedFrom: 'starts' };
    },

    async above(ids, types) {
      const found = new Map<number, readonly number[]>();
      for (let frontier = [...new Set(ids)]; frontier.length > 0;) {
        for (const id of frontier) found.set(id, []);
        const parameters = { types, ...momentOf(at) };
        const rows = await read<[number, number[]]>('question/above', frontier, parameters);
        for (const [id, ups] of rows) found.set(id, ups);
        frontier = [...new Set(rows.flatMap(([, ups]) => ups))].filter((id) => !found.has(id));
        if (found.size + frontier.length <= maxNodes) continue;
        truncated = true;
        break;
      }
      builder.see(found.keys());
      return found;
    },

    async among(ids, types) {
      const parameters = { among: ids.map(int), types, ...momentOf(at) };
      await read<EdgeTuple>('question/edges-among', ids, parameters, keep);
    },

    async beside(ids, { out, into }) {
      const rows = await read<EdgeTuple>(
        'question/beside',
        ids,
        { out, into, ...momentOf(at) },
        keep,
      );
      const asked = new Set(ids);
      const found = new Set<number>();
      for (const [from, to, type] of rows) {
        if (asked.has(from) && out.includes(type)) found.add(to);
        if (asked.has(to) && into.includes(type)) found.add(from);
      }
      return found;
    },

    async names(ids, toFiles) {
      const rows = await read<EdgeTuple>('question/names', ids, { toFiles, ...momentOf(at) }, keep);
      const asked = new Set(ids);
      const found = new Set<number>();
      for (const [from, to] of rows) {
        if (asked.has(from)) found.add(to);
        if (asked.has(to) && toFiles) found.add(from);
      }
      return found;
    },

    async concerns(ids, direction) {
      const rows = await read<EdgeTuple>(CONCERNS[direction], ids, momentOf(at), keep);
      return new Set(rows.map(([from, to]) => (direction === 'out' ? to : from)));
    },

    async named(names, packages) {
      if (names.length + packages.length === 0) return new Set();
      const rows = await graph.read(statements.get('question/named'), { names, packages });
      if (rows.length > MAX_NAMED) truncated = true;
      return keepNodes(rows);
    },

    async namesakes(pairs) {
      const named = new Map<string, Set<string | null>>();
      for (const [type, name] of pairs) {
        const own = named.get(name);
        if (own === undefined) named.set(name, new Set([type]));
        else own.add(type);
      }
      if (named.size === 0) return new Set();
      const limited = [...named].filter(([, own]) => !own.has(null));
      const rows = await graph.read(statements.get('question/namesakes'), {
        names: [...named.keys()],
        types: Object.fromEntries(limited.map(([name, own]) => [name, [...own]])),
      });
      if (rows.length > MAX_NAMED) truncated = true;
      return keepNodes(rows);
    },

    async below(prefixes) {
      if (prefixes.length === 0) return new Set();
      const rows = await graph.read(statements.get('question/packages-below'), { prefixes });
      if (rows.length > MAX_NAMED) truncated = true;
      return keepNodes(rows);
    },

    async linksInto(serials) {
      if (serials.length === 0) return new Set();
      return keepNodes(await graph.read(statements.get('question/links-into'), { serials }));
    },

    async deployments(environments) {
      const rows = await graph.read(statements.get('question/deployments'), {
        ...{ environments, ...momentOf(at) },
      });
      const tuple = [...tuplesOf<EdgeTuple>(rows)];
      keep(tuple);
      return new Set(tuple.map(([from]) => from));
    },

    async load() {
      const missing = [...nodes].flatMap(([id, node]) => (node === null ? [id] : []));
      for (const tuple of await read<NodeTuple>('question/nodes', missing, {})) {
        nodes.set(tuple[0], entityOfTuple(tuple));
      }
    },

    get: (id) => nodes.get(id) ?? undefined,

    async finish() {
      await builder.load();
      // what a tag resolved to at a time can only be told among all that it ever resolved to, wherever a walk came from
      const tags = [...nodes].flatMap(([id, node]) => (node?.label === 'Resource' ? [id] : []));
      if (tags.length > 0) {
        const parameters = { types: ['RESOLVED_TO'], contents: true, limit: int(maxNodes) };
        await read<EdgeTuple>(STEP.up, tags, { ...parameters, ...momentOf(at) }, keep);
        await builder.load();
      }
      const idOf = (id: number): string => {
        const node = nodes.get(id);
        return node == null ? '' : refId(node);
      };
      return {
        truncated,
        nodes: [...nodes.values()].flatMap((node) => node ?? []),
        edges: [...edges.values()].flatMap((tuple): SubgraphEdge[] => {
          const [first] = tuple;
          if (first === undefined) return [];
          const claims = tuple.flatMap((one) => claimOfTuple(one) ?? []).sort(bestFirst);
          return [{ from: idOf(first[0]), to: idOf(first[1]), type: first[2], claims }];
        }),
      };
    },
  };
  return builder;
}
