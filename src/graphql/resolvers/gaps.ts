import { StemmaError } from '../../errors.ts';
import { askGaps, type GapsSubject } from '../../questions/ask/gaps.ts';
import type {
  GapHopResolvers,
  GapReportResolvers,
  GapResolvers,
  QueryGapsArgs,
  RequireFields,
} from '../__generated__/resolvers.ts';
import { entityOf, toMoment } from '../arguments.ts';
import { completeness } from '../completeness.ts';
import type { Context } from '../context.ts';
import { pageOf } from '../pages.ts';
import type { GapParent, GapsParent, HopParent } from '../parents.ts';

/** @throws StemmaError NOT_FOUND, BAD_USER_INPUT */
export async function readGaps(
  args: RequireFields<QueryGapsArgs, 'materials'>,
  context: Context,
): Promise<GapsParent> {
  const { of = null, environment = null, materials, asOf = null } = args;
  const subject = await subjectOf(args, context);
  const answer = await askGaps(context, subject, { at: await toMoment(asOf, context), materials });
  return { ...answer, scope: ['gaps', of, environment, materials, asOf] };
}

async function subjectOf(
  { of, environment }: Pick<QueryGapsArgs, 'of' | 'environment'>,
  context: Context,
): Promise<GapsSubject> {
  if (typeof of === 'string' && typeof environment !== 'string') {
    return { root: await entityOf('of', of, context) };
  }
  if (typeof environment === 'string' && typeof of !== 'string') return { environment };
  throw new StemmaError('BAD_USER_INPUT', "Give either 'of' or 'environment'.", {
    details: { path: 'of' },
  });
}

const keyOfGap = ({ item }: GapParent) => `${item.kind} ${item.at}`;

export const gapReport: GapReportResolvers = {
  total: ({ gaps }) => gaps.length,
  gaps: (answer, { kinds, ...args }, context) =>
    pageOf(
      answer.gaps
        .filter(({ kind }) => kinds == null || kinds.includes(kind))
        .map((item): GapParent => ({ answer, item }))
        .sort((a, b) => (keyOfGap(a) < keyOfGap(b) ? -1 : 1)),
      keyOfGap,
      [...answer.scope, 'gaps', kinds ?? null],
      args,
      context,
    ),
  hops: (answer, args, context) =>
    pageOf(
      answer.hops
        .map((item): HopParent => ({ answer, item }))
        .sort((a, b) => (a.item.artifact < b.item.artifact ? -1 : 1)),
      ({ item }) => item.artifact,
      [...answer.scope, 'hops'],
      args,
      context,
    ),
  completeness,
};

export const gap: GapResolvers = {
  kind: ({ item }) => item.kind,
  at: ({ answer, item }) => answer.entity(item.at),
  missing: ({ item }) => item.missing,
};

export const gapHop: GapHopResolvers = {
  artifact: ({ answer, item }) => answer.entity(item.artifact),
  slsaBuildLevel: ({ item }) => item.level,
  claimedLevel: ({ item }) => item.claimedLevel,
  trust: ({ item }) => item.trust,
  reason: ({ item }) => item.reason,
};
