import { StemmaError } from '../../errors.ts';
import type { EntityRecord } from '../../graph/read/records.ts';
import { compileFilter, type LiveTerms } from '../../live/filter.ts';
import type { LiveLetter, LiveStage } from '../../live/live.ts';
import type { LiveItem } from '../../live/watcher.ts';
import { CATALOGUE } from '../../model/events/catalogue.ts';
import { checkEventType, checkNames } from '../../questions/gather/known-names.ts';
import type * as Args from '../__generated__/resolvers.ts';
import type { SubscriptionResolvers } from '../__generated__/resolvers.ts';
import type { Context } from '../context.ts';
import { parseRefText } from '../ids.ts';
import { createLoaders } from '../loaders.ts';
import { mapped } from '../mapped.ts';
import { subjectFilter } from './event.ts';

type Items = AsyncGenerator<LiveItem, void, undefined>;

const ANYTHING: LiveTerms = {
  ...{ types: null, source: null, subjectRef: null, subject: null, outcome: null },
  ...{ correlationId: null, causationId: null, workflowId: null },
};

/** What is told is what came. */
const resolve = (item: LiveItem): LiveItem => item;

export const subscription: SubscriptionResolvers = {
  events: { resolve, subscribe: async (_, args, context) => watchEvents(args, context) },
  workflow: {
    resolve,
    subscribe: (_, { id, after }, context) =>
      watch(context, 'APPLIED', { ...ANYTHING, workflowId: id }, after),
  },
  deadLettered: {
    resolve: ({ position, event }: LiveItem<LiveLetter>) => ({
      position,
      deadLetter: event?.letter ?? null,
    }),
    subscribe: (_, { after }, { live, onDropped }) =>
      served(live).watchDeadLetters({ after: after ?? null, onDropped }),
  },
  deployments: { resolve, subscribe: async (_, args, context) => watchDeployments(args, context) },
};

/** @throws StemmaError NOT_FOUND where there is no such type, with the nearest: nothing would ever come */
async function watchEvents(
  { filter, after, at }: Args.RequireFields<Args.SubscriptionEventsArgs, 'at'>,
  context: Context,
): Promise<Items> {
  const { types = null, subject = null, ...rest } = filter ?? {};
  for (const type of types ?? []) await checkEventType(context.reader, type, 'filter.types');
  const terms: LiveTerms = {
    types,
    source: rest.source ?? null,
    correlationId: rest.correlationId ?? null,
    causationId: rest.causationId ?? null,
    workflowId: rest.workflowId ?? null,
    outcome: rest.outcome ?? null,
    ...subjectFilter(subject),
  };
  return watch(context, at, terms, after);
}

const OF_DEPLOYMENTS = Object.keys(CATALOGUE).filter((type) => type.startsWith('deployment.'));

/**
 * Most events about a deployment do not say where it runs: the graph knows.
 *
 * @throws StemmaError NOT_FOUND where there is no such environment or service, with the nearest
 */
async function watchDeployments(
  { environment, service, after }: Args.SubscriptionDeploymentsArgs,
  context: Context,
): Promise<Items> {
  const { reader } = context;
  const named = (name: string | null | undefined) => (name == null ? null : [name]);
  const [environments, services] = await Promise.all([
    checkNames(reader, 'Environment', named(environment), 'environment'),
    checkNames(reader, 'Service', named(service), 'service'),
  ]);
  const items = watch(context, 'APPLIED', { ...ANYTHING, types: OF_DEPLOYMENTS }, after);
  if (environments === null && services === null) return items;
  return mapped(items, async (item) => {
    if (item.event === null) return item;
    const place = await placeOf(item.event.subjectRef, context);
    // where it runs may be said later: then it cannot be told that it is elsewhere
    if (place === null) return item;
    const isThere = isAmong(place.environment, environments) && isAmong(place.service, services);
    return isThere ? item : null;
  });
}

/** Where a deployment runs, as the graph has it now; null where nobody has said so yet. */
async function placeOf(
  subjectRef: string | null,
  { reader, history }: Context,
): Promise<Readonly<Record<'environment' | 'service', EntityRecord | null>> | null> {
  const ref = subjectRef === null ? null : parseRefText(subjectRef);
  if (ref === null) return null;
  const { entity } = createLoaders(reader, history); // what was read for an item before may be out of date
  const deployment = await entity.load(ref);
  const named = async (label: 'Environment' | 'Service', key: unknown) =>
    typeof key === 'string' ? entity.load({ label, key }) : null;
  const [environment, service] = await Promise.all([
    named('Environment', deployment?.['environment']),
    named('Service', deployment?.['service']),
  ]);
  return environment === null ? null : { environment, service };
}

function isAmong(place: EntityRecord | null, names: readonly string[] | null): boolean {
  if (names === null) return true;
  return place !== null && (names.includes(place.key) || names.includes(String(place['name'])));
}

function watch(
  { live, onDropped }: Context,
  stage: LiveStage,
  terms: LiveTerms,
  after: number | null | undefined,
): Items {
  return served(live).watch(stage, compileFilter(terms), { after: after ?? null, onDropped });
}

function served(live: Context['live']): NonNullable<Context['live']> {
  if (live !== null) return live;
  throw new StemmaError('SERVER_UNAVAILABLE', 'This process serves no subscriptions.');
}
