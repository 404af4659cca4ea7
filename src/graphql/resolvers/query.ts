import { StemmaError } from '../../errors.ts';
import type { EntityRecord, EventRecord } from '../../graph/read/records.ts';
import { isNow, type Moment } from '../../model/moment.ts';
import type { DeadLetterView } from '../../model/dead-letters.ts';
import type { NodeRef } from '../../model/node.ts';
import type { QueryResolvers } from '../__generated__/resolvers.ts';
import { toMoment } from '../arguments.ts';
import type { Context } from '../context.ts';
import { isDeadLetterId, parseEntityId, parseId, toIdAt, tryParseIdAt } from '../ids.ts';
import { MAX_PAGE_SIZE } from '../pages.ts';
import { resolveRef } from '../references.ts';
import { readCompromise } from './compromise.ts';
import { readContents } from './contents.ts';
import { deadLetterOf, deadLetterPage } from './dead-letters.ts';
import { readDependencyPaths } from './dependency-paths.ts';
import { readDiff } from './diff.ts';
import { eventPage } from './event.ts';
import { gateOf, gatePage, gateStatusPage } from './gates.ts';
import { watchOf, watchPage } from './watches.ts';
import { eventTypeOf, eventTypePage } from './event-types.ts';
import { readEventChain, searchPage, timelinePage, unresolvedPage } from './explore.ts';
import { exportText } from './export.ts';
import { readGaps } from './gaps.ts';
import { readImpact, readIsDeployed } from './impact.ts';
import { readLineage } from './lineage.ts';
import { readPaths } from './paths.ts';
import { lists } from './lists.ts';
import { toStatistics } from './statistics.ts';
import { readVulnerabilities } from './vulnerabilities.ts';

export const query: QueryResolvers = {
  node: async (_, { id }, context) => nodeOf(id, context),
  entityAt: async (_, { id, asOf }, context) =>
    entityAt(tryParseIdAt(id)?.ref ?? parseEntityId(id), await toMoment(asOf, context), context),
  nodes: async (_, { ids }, context) =>
    Promise.all(atMost(ids).map(async (id) => nodeOf(id, context))),
  resolve: async (_, { ref }, { reader }) => resolveRef(reader, ref),
  commits: async (_, args, context) => lists.commits(args, context),
  builds: async (_, args, context) => lists.builds(args, context),
  artifacts: async (_, args, context) => lists.artifacts(args, context),
  deployments: async (_, args, context) => lists.deployments(args, context),
  latestDeployments: async (_, args, context) => lists.latestDeployments(args, context),
  environments: async (_, args, context) => lists.environments(args, context),
  packages: async (_, args, context) => lists.packages(args, context),
  vulnerabilities: async (_, args, context) => lists.vulnerabilities(args, context),
  workflows: async (_, args, context) => lists.workflows(args, context),
  events: async (_, args, context, info) => eventPage(args, context, info),
  eventTypes: async (_, args, context) => eventTypePage(args, context),
  eventType: async (_, args, context) => eventTypeOf(args, context),
  gates: async (_, args, context) => gatePage(args, context),
  gate: async (_, args, context) => gateOf(args, context),
  watches: async (_, args, context) => watchPage(args, context),
  watch: async (_, args, context) => watchOf(args, context),
  gateStatus: async (_, args, context) => gateStatusPage(args, context),
  lineage: async (_, args, context, info) => readLineage(args, context, info),
  paths: async (_, args, context, info) => readPaths(args, context, info),
  timeline: async (_, args, context, info) => timelinePage(args, context, info),
  search: async (_, args, context) => searchPage(args, context),
  statistics: async (_, args, context) => toStatistics(args, context),
  unresolved: async (_, args, context) => unresolvedPage(args, context),
  eventChain: async (_, { id }, context) => readEventChain(id, context),
  deadLetters: async (_, args, context) => deadLetterPage(args, context),
  deadLetter: async (_, { id }, context) => deadLetterOf(id, context),
  impact: async (_, args, context) => readImpact(args, context),
  vulnerabilityReport: async (_, args, context) => readVulnerabilities(args, context),
  contains: async (_, args, context) => readContents(args, context),
  dependencyPaths: async (_, args, context) => readDependencyPaths(args, context),
  isDeployed: async (_, args, context) => readIsDeployed(args, context),
  diff: async (_, args, context) => readDiff(args, context),
  compromise: async (_, args, context) => readCompromise(args, context),
  gaps: async (_, args, context) => readGaps(args, context),
  export: async (_, args, context) => exportText(args, context),
};

/** What an id names: an event, a dead letter, a thing as it is now, or a thing as it was at the moment in the id. */
async function nodeOf(
  id: string,
  context: Context,
): Promise<EntityRecord | EventRecord | DeadLetterView | null> {
  if (isDeadLetterId(id)) return deadLetterOf(id, context);
  const past = tryParseIdAt(id);
  if (past !== null) return entityAt(past.ref, past.at, context);
  const ref = parseId(id);
  const { loaders } = context;
  return ref.label === 'Event' ? loaders.event.load(ref.key) : loaders.entity.load(ref);
}

/** The thing as it was, under an id of that moment. */
async function entityAt(
  ref: NodeRef,
  at: Moment,
  { history, loaders }: Context,
): Promise<EntityRecord | null> {
  const entity = await loaders.entity.load(ref);
  if (entity === null || isNow(at)) return entity;
  if (history === null) throw new Error('createGraphql was given no history');
  const past = await history.entityAt(entity, at);
  return past === null ? null : { ...past, id: toIdAt(ref, at) };
}

function atMost(ids: readonly string[]): readonly string[] {
  if (ids.length <= MAX_PAGE_SIZE) return ids;
  throw new StemmaError(
    'PAGE_SIZE_TOO_LARGE',
    `There are ${ids.length} ids: give at most ${MAX_PAGE_SIZE}.`,
    {
      details: { reason: 'PAGE_SIZE', limit: MAX_PAGE_SIZE },
    },
  );
}
