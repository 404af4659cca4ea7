import type { EntityRecord } from '../../graph/records.ts';
import { isNodeLabel, refId, type NodeLabel } from '../../model/node.ts';
import {
  CHANGE_KINDS,
  diffFacts,
  factsOf,
  rankChanges,
  type ChangeKind,
  type RankedChange,
} from '../../questions/diff.ts';
import type { ChangeResolvers, DiffResolvers, QueryDiffArgs } from '../__generated__/resolvers.ts';
import { completeness } from '../completeness.ts';
import type { Context } from '../context.ts';
import { toMoment } from '../moments.ts';
import { checkRange, entityOf } from './lineage.ts';
import { MAX_PAGE_SIZE } from '../pages.ts';
import type { ChangeParent, DiffParent } from '../parents.ts';
import { gatherAdvisories } from './advisory.ts';
import { gatherOrigin } from './gaps.ts';
import { withLabel } from './gather.ts';
import { checkLabel, CONTENT_TYPES, gathered, pageOf } from './question.ts';

const ASKED_OF: ReadonlySet<NodeLabel> = new Set<NodeLabel>([
  'Deployment',
  'Artifact',
  'PackageVersion',
  'Resource',
]);
/** Of which it is asked whether they are new. */
const NOVEL: ReadonlySet<ChangeKind> = new Set<ChangeKind>([
  'SIGNER',
  'BUILDER',
  'MATERIAL',
  'PACKAGE',
]);

/** @throws StemmaError NOT_FOUND, BAD_USER_INPUT */
export async function readDiff(args: QueryDiffArgs, context: Context): Promise<DiffParent> {
  const [from, to] = await Promise.all([
    entityOf('from', args.from, context),
    entityOf('to', args.to, context),
  ]);
  checkLabel(from, ASKED_OF, 'from');
  checkLabel(to, ASKED_OF, 'to');
  const at = toMoment(args.asOf);
  const gather = async (root: EntityRecord) => {
    const builder = context.reader.subgraph(at);
    builder.add(root);
    const types = CONTENT_TYPES;
    const walk = { direction: 'up', types, contents: true } as const;
    const inside = [...(await builder.walk([root.internal], walk))];
    await builder.beside(inside, { out: ['VERSION_OF'], into: [] });
    const { follow } = await gatherAdvisories(builder, inside, context);
    await gatherOrigin(builder, [root.internal], false);
    const builds = await withLabel(builder, 'Build');
    await builder.beside(builds, { out: ['PART_OF'], into: [] });
    await builder.walk(builds, { direction: 'up', types: ['USED', 'BUILT_FROM'], contents: false });
    const commits = await withLabel(builder, 'Commit');
    await builder.beside(commits, { out: ['IN_REPOSITORY'], into: [] });
    await builder.walk(commits, { direction: 'up', types: ['PARENT'], contents: true });
    return { builder, ...(await gathered(builder, follow)) };
  };
  const before = await gather(from);
  const after = refId(from) === refId(to) ? before : await gather(to);
  const changes = diffFacts(factsOf(before.graph, refId(from)), factsOf(after.graph, refId(to)));

  const entity = (id: string): EntityRecord =>
    (after.graph.nodes.has(id) ? after : before).entity(id);
  const ranked = async (): Promise<RankedChange[]> => {
    const subjects = changes
      .filter(({ kind, before: was }) => NOVEL.has(kind) && was.length === 0)
      .map(({ subject }) => entity(subject));
    const elsewhere = await context.reader.seenElsewhere(
      subjects.map(({ internal }) => internal),
      after.builder.ids(),
      at,
    );
    const known = new Set(
      subjects.filter(({ internal }) => elsewhere.has(internal)).map((one) => refId(one)),
    );
    return rankChanges(changes, {
      isFirstSeen: (subject) => !known.has(subject),
      severityOf: (subject) => {
        const severity = entity(subject)['severity'];
        return typeof severity === 'string' ? severity : null;
      },
    });
  };
  const scope = ['diff', refId(from), refId(to), args.asOf ?? null];
  const truncated = before.truncated || after.truncated;
  return { graph: after.graph, entity, truncated, from, to, changes, ranked, scope };
}

/** Kinds in the order of the list, then subjects. */
const keyOf = ({ item }: ChangeParent) =>
  `${String(CHANGE_KINDS.indexOf(item.kind)).padStart(2, '0')} ${item.subject}`;

export const diff: DiffResolvers = {
  totals: ({ changes }) =>
    CHANGE_KINDS.flatMap((kind) => {
      const own = changes.filter((change) => change.kind === kind);
      if (own.length === 0) return [];
      const added = own.filter(({ before }) => before.length === 0).length;
      const removed = own.filter(({ after }) => after.length === 0).length;
      return [{ kind, added, removed, changed: own.length - added - removed }];
    }),
  changes: (answer, { kinds, ...args }, context) =>
    pageOf(
      answer.changes
        .filter(({ kind }) => kinds == null || kinds.includes(kind))
        .map((item): ChangeParent => ({ answer, item })),
      keyOf,
      [...answer.scope, kinds ?? null],
      args,
      context,
    ),
  ranking: async (answer, { first }) => {
    checkRange('first', first, MAX_PAGE_SIZE);
    return (await answer.ranked())
      .slice(0, first)
      .map(({ score, why, ...item }) => ({ change: { answer, item }, score, why }));
  },
  completeness,
};

export const change: ChangeResolvers = {
  kind: ({ item }) => item.kind,
  subject: ({ item }) => keyPart(item.subject),
  entity: ({ answer, item }) =>
    item.kind === 'PARAMETER' || item.kind === 'PROVENANCE' ? null : answer.entity(item.subject),
  before: ({ item }) => item.before.map(keyPart),
  after: ({ item }) => item.after.map(keyPart),
};

/** The key of `Label:key`; of anything else the whole. */
function keyPart(text: string): string {
  const colon = text.indexOf(':');
  return isNodeLabel(text.slice(0, Math.max(colon, 0))) ? text.slice(colon + 1) : text;
}
