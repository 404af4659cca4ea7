import type { Command } from 'commander';
import { usage } from '../exit.ts';
import { formatOption, printExport, type ExportName } from './export.ts';
import { wholeNumber } from '../flags.ts';
import { resolveRef, THING, thingText, type Thing } from './get.ts';
import type { CliIo } from '../io.ts';
import {
  addMoment,
  asOf,
  COMPLETENESS,
  warnOf,
  type Completeness,
  type MomentFlags,
} from '../questions.ts';

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

type LineageFlags = MomentFlags & {
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
    .option('--through-history', 'walk from commit to parent commit as well');
  addMoment(command)
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
      else show(lineage, flags.up === true, io);
    });
}

function show(lineage: Lineage, isUp: boolean, io: CliIo): void {
  for (const line of toTree(lineage, isUp)) io.out(line);
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
}

/** From here on, what is further away is not indented further. */
const MAX_INDENT = 40;

/**
 * The lineage as a tree: each thing once, below the nearest thing that it is reached from, with the edge that leads there. What is
 * reached over further ways says so where it is met again.
 */
export function toTree(
  { root, nodes, edges }: Pick<Lineage, 'root' | 'nodes' | 'edges'>,
  isUp: boolean,
): string[] {
  const depths = new Map<string, number>(nodes.map(({ depth, node }) => [node.id, depth]));
  depths.set(root.id, 0);
  const things = new Map<string, Thing>(nodes.map(({ node }) => [node.id, node]));
  const children = new Map<string, { edge: Edge; child: string }[]>();
  for (const edge of edges) {
    const [parent, child] = isUp ? [edge.from, edge.to] : [edge.to, edge.from];
    // identity hops are stored in both directions: only the one that leads away is shown
    if ((depths.get(child) ?? 0) !== (depths.get(parent) ?? 0) + 1) continue;
    const known = children.get(parent);
    if (known === undefined) children.set(parent, [{ edge, child }]);
    else known.push({ edge, child });
  }
  const lines = [thingText(root)];
  const shown = new Set([root.id]);
  // a stack of its own: a history may be deeper than the call stack
  const open = [{ branches: children.get(root.id) ?? [], at: 0, indent: '' }];
  for (let top = open.at(-1); top !== undefined; top = open.at(-1)) {
    const branch = top.branches[top.at];
    if (branch === undefined) {
      open.pop();
      continue;
    }
    top.at += 1;
    const isLast = top.at === top.branches.length;
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
      `${top.indent}${isLast ? '└─' : '├─'} ${type} ${thingText(thing)}${notes.length === 0 ? '' : ` [${notes.join(', ')}]`}`,
    );
    if (inner.length > 0) {
      // a history of thousands of commits would run out of the screen, and out of memory
      const step = open.length > MAX_INDENT ? '' : isLast ? '   ' : '│  ';
      open.push({ branches: inner, at: 0, indent: `${top.indent}${step}` });
    }
  }
  return lines;
}
