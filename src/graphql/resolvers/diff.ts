import { isNodeLabel, refId } from '../../model/node.ts';
import { askDiff } from '../../questions/ask/diff.ts';
import { CHANGE_KINDS } from '../../questions/diff.ts';
import type { ChangeResolvers, DiffResolvers, QueryDiffArgs } from '../__generated__/resolvers.ts';
import { checkRange, entityOf, toMoment } from '../arguments.ts';
import { completeness } from '../completeness.ts';
import type { Context } from '../context.ts';
import { MAX_PAGE_SIZE, pageOf } from '../pages.ts';
import type { ChangeParent, DiffParent } from '../parents.ts';

/** @throws StemmaError NOT_FOUND, BAD_USER_INPUT */
export async function readDiff(args: QueryDiffArgs, context: Context): Promise<DiffParent> {
  const [from, to] = await Promise.all([
    entityOf('from', args.from, context),
    entityOf('to', args.to, context),
  ]);
  const answer = await askDiff(context, { from, to }, await toMoment(args.asOf, context));
  return { ...answer, scope: ['diff', refId(from), refId(to), args.asOf ?? null] };
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
