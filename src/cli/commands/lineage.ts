import type { Command } from 'commander';
import { usage } from '../exit.ts';
import { formatOption, printExport, type ExportName } from './export.ts';
import { wholeNumber } from '../flags.ts';
import { resolveRef, THING, thingText, type Thing, type ThingText } from './get.ts';
import type { CliIo } from '../io.ts';
import {
  addMoment,
  asOf,
  COMPLETENESS,
  hint,
  warnOf,
  type Completeness,
  type MomentFlags,
} from '../questions.ts';
import { addWide, thingsText, type Width } from '../running.ts';

type Edge = {
  readonly from: string;
  readonly to: string;
  readonly type: string;
  readonly trust: string;
};

type Lineage = {
  readonly root: Thing;
  readonly nodes: readonly { readonly depth: number; readonly node: Thing }[];
  readonly edges: readonly Edge[];
  readonly truncated: boolean;
  readonly truncatedBy: string | null;
  readonly completeness: Completeness;
};

type LineageFlags = MomentFlags &
  Width & {
    readonly all?: boolean;
    readonly up?: boolean;
    readonly down?: boolean;
    readonly depth?: number;
    readonly limit: number;
    readonly throughHistory?: boolean;
    readonly format?: ExportName;
    readonly json?: boolean;
  };

const QUERY = `query Lineage($of: ID!, $direction: LineageDirection!, $maxDepth: Int, $limit: Int!, $throughHistory: Boolean!, $asOf: AsOf) {
  lineage(of: $of, direction: $direction, maxDepth: $maxDepth, limit: $limit, throughHistory: $throughHistory, asOf: $asOf) {
    root { ${THING} }
    nodes { depth node { ${THING} } }
    edges { from to type trust }
    truncated
    truncatedBy
    ${COMPLETENESS}
  }
}`;

export function addLineage(program: Command, io: CliIo): void {
  const command = program
    .command('lineage')
    .description('Show where a thing came from (--up) or where it went (--down).')
    .argument('<ref>', 'a digest, commit id, package URL, URL, or id of a build or deployment')
    .option('--up', 'what it was made from')
    .option('--down', 'what was made from it')
    .option('--depth <n>', 'at most this many edges away', wholeNumber(1, 100_000))
    .option('--limit <n>', 'at most this many things, nearest first', wholeNumber(1, 100_000), 1000)
    .option('--through-history', 'walk from commit to parent commit as well')
    .option('--all', 'each of many things of one kind, which a terminal shows as their number');
  addWide(addMoment(command))
    .addOption(formatOption())
    .addHelpText(
      'after',
      `
Examples:
  stemma lineage sha256:9f86d0… --up           builds, commits and materials behind an artifact
  stemma lineage 44ee177 --down                what was built from a commit, and where it is deployed
  stemma lineage pkg:npm/sigstore@1.2.0 --up --json
  stemma lineage 44ee177 --down --format dot | dot -Tsvg > lineage.svg`,
    )
    .action(async (ref: string, flags: LineageFlags) => {
      if ((flags.up === true) === (flags.down === true)) {
        throw usage('Say which way to walk: give --up or --down.');
      }
      const { connect } = await import('../service.ts');
      const client = connect(io);
      const { id } = await resolveRef(client, io, ref);
      const variables = {
        of: id,
        direction: flags.up === true ? 'UPSTREAM' : 'DOWNSTREAM',
        maxDepth: flags.depth ?? null,
        limit: flags.limit,
        throughHistory: flags.throughHistory ?? false,
        asOf: asOf(flags),
      };
      if (flags.format !== undefined) {
        await printExport(client, io, flags.format, variables);
        return;
      }
      const { lineage } = await client.graphql<{ lineage: Lineage }>(QUERY, variables);
      if (flags.json === true) io.out(JSON.stringify(lineage));
      else show(lineage, flags, io);
    });
}

function show(lineage: Lineage, flags: LineageFlags, io: CliIo): void {
  const isUp = flags.up === true;
  const isFolded = io.isTerminal && flags.all !== true;
  const text = thingsText(io, flags);
  for (const line of toTree(lineage, isUp, { text, isFolded })) io.out(line);
  const { nodes, truncated, truncatedBy } = lineage;
  if (nodes.length === 0)
    io.err(
      isUp ? 'Nothing is known about where it came from.' : 'Nothing is known to be made from it.',
    );
  if (truncated) {
    const flag = truncatedBy === 'DEPTH' ? '--depth' : '--limit';
    io.err(`There is more than these ${nodes.length}: ask with a greater ${flag}.`);
  }
  warnOf(lineage.completeness, io);
  if (nodes.length > 0)
    hint(io, 'stemma get <id> shows one of them, stemma path how two hang together.');
}

/** So many things of one kind, with nothing behind them, are shown one by one. */
const FOLDED_FROM = 8;

/** What people look for first; the others stand in the order of their kinds and keys. */
const FIRST = ['Build', 'Commit', 'Artifact'];

type Branch = { readonly edge: Edge; readonly child: string };

/** From here on, what is further away is not indented further. */
const MAX_INDENT = 40;

/**
 * The lineage as a tree: each thing once, below the nearest thing that it is reached from, with the edge that leads there. What is
 * reached over further ways says so where it is met again. Folded, many things of one kind with nothing behind them are their number,
 * and stand last.
 */
export function toTree(
  { root, nodes, edges }: Pick<Lineage, 'root' | 'nodes' | 'edges'>,
  isUp: boolean,
  {
    text = thingText,
    isFolded = false,
  }: { readonly text?: ThingText; readonly isFolded?: boolean } = {},
): string[] {
  const depths = new Map<string, number>(nodes.map(({ depth, node }) => [node.id, depth]));
  depths.set(root.id, 0);
  const things = new Map<string, Thing>(nodes.map(({ node }) => [node.id, node]));
  const children = new Map<string, Branch[]>();
  for (const edge of edges) {
    const [parent, child] = isUp ? [edge.from, edge.to] : [edge.to, edge.from];
    // identity hops are stored in both directions: only the one that leads away is shown
    if ((depths.get(child) ?? 0) !== (depths.get(parent) ?? 0) + 1) continue;
    const known = children.get(parent);
    if (known === undefined) children.set(parent, [{ edge, child }]);
    else known.push({ edge, child });
  }
  const placeOf = ({ child }: Branch): string => {
    const { label = '', key = '' } = things.get(child) ?? {};
    const at = FIRST.indexOf(label);
    return `${at === -1 ? FIRST.length : at} ${label} ${key}`;
  };
  for (const branches of children.values()) {
    branches.sort((a, b) => (placeOf(a) < placeOf(b) ? -1 : 1));
  }
  const folded = new Map<string, string[]>();
  if (isFolded) {
    for (const [parent, branches] of children) {
      const { rest, sums } = fold(branches, children, things);
      children.set(parent, rest);
      folded.set(parent, sums);
    }
  }
  const lines = [text(root)];
  const shown = new Set([root.id]);
  // a stack of its own: a history may be deeper than the call stack
  const open = [{ of: root.id, branches: children.get(root.id) ?? [], at: 0, indent: '' }];
  for (let top = open.at(-1); top !== undefined; top = open.at(-1)) {
    const branch = top.branches[top.at];
    const sums = folded.get(top.of) ?? [];
    if (branch === undefined) {
      for (const [at, sum] of sums.entries()) {
        lines.push(`${top.indent}${at === sums.length - 1 ? '└─' : '├─'} ${sum}`);
      }
      open.pop();
      continue;
    }
    top.at += 1;
    const isLast = top.at === top.branches.length && sums.length === 0;
    const thing = things.get(branch.child);
    if (thing === undefined) continue;
    const isAgain = shown.has(thing.id);
    shown.add(thing.id);
    const inner = isAgain ? [] : (children.get(thing.id) ?? []);
    const { type, trust } = branch.edge;
    const notes = [
      trust === 'UNVERIFIED' ? '' : trust.toLowerCase(),
      isAgain && (children.get(thing.id) ?? []).length > 0 ? 'shown above' : '',
    ].filter((note) => note !== '');
    lines.push(
      `${top.indent}${isLast ? '└─' : '├─'} ${type} ${text(thing)}${notes.length === 0 ? '' : ` [${notes.join(', ')}]`}`,
    );
    if (inner.length > 0 || (!isAgain && folded.has(thing.id))) {
      // a history of thousands of commits would run out of the screen, and out of memory
      const step = open.length > MAX_INDENT ? '' : isLast ? '   ' : '│  ';
      open.push({ of: thing.id, branches: inner, at: 0, indent: `${top.indent}${step}` });
    }
  }
  return lines;
}

/** Many leaves that hang on one thing by the same type of edge, as their number; the branches that are left keep their order. */
function fold(
  branches: readonly Branch[],
  children: ReadonlyMap<string, readonly Branch[]>,
  things: ReadonlyMap<string, Thing>,
): { readonly rest: Branch[]; readonly sums: string[] } {
  const kindOf = ({ edge, child }: Branch): string | null => {
    const thing = things.get(child);
    return thing === undefined || children.has(child) ? null : `${edge.type} ${thing.label}`;
  };
  const counts = new Map<string, number>();
  for (const branch of branches) {
    const kind = kindOf(branch);
    if (kind !== null) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  }
  const many = [...counts].filter(([, count]) => count >= FOLDED_FROM);
  const isMany = new Set(many.map(([kind]) => kind));
  return {
    rest: branches.filter((branch) => !isMany.has(kindOf(branch) ?? '')),
    sums: many.map(([kind, count]) => {
      const [type, label] = kind.split(' ');
      return `${type} ${count} × ${label} (--all shows each)`;
    }),
  };
}
