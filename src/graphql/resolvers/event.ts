import type { GraphQLResolveInfo } from 'graphql';
import type { EntityRecord } from '../../graph/read/records.ts';
import { effectProblems, withdrawalOf } from '../../model/effect.ts';
import { parseEvent } from '../../model/event.ts';
import { refId } from '../../model/node.ts';
import { checkEventType, checkSource } from '../../questions/gather/known-names.ts';
import type {
  EventReceiptResolvers,
  EventResolvers,
  QueryEventsArgs,
} from '../__generated__/resolvers.ts';
import { toMs } from '../arguments.ts';
import type { Context } from '../context.ts';
import { parseRefText, toId, tryParseId } from '../ids.ts';
import { readPage, toConnection, toSlice, type PageArguments } from '../pages.ts';
import { fieldsBelow } from '../selection.ts';

export const event: EventResolvers = {
  id: ({ key }) => toId({ label: 'Event', key }),
  position: ({ n }) => n,
  effectiveTime: ({ at }) => at,
  clockSkew: ({ clockSkew }) => Boolean(clockSkew),
  data: ({ body }) => dataOf(body),
  warnings: async ({ body }, _, { reader }) => warningsOf(body, reader),
  subjectEntity: async ({ subjectRef }, _, { loaders }) => {
    const ref = subjectRef === null ? null : parseRefText(subjectRef);
    return ref === null ? null : loaders.entity.load(ref);
  },
};

export const eventReceipt: EventReceiptResolvers = {
  durability: ({ durability }) => durability ?? null,
  warnings: ({ warnings = [] }) => [...warnings],
};

function dataOf(body: string | null): unknown {
  if (body === null) return null;
  return (JSON.parse(body) as { data?: unknown }).data ?? null; // the log holds only bodies that were accepted as JSON objects
}

/** Custom types say nothing that these look at, whatever the registry has of them now. */
async function warningsOf(
  body: string | null,
  reader: Pick<Context['reader'], 'notFound'>,
): Promise<readonly string[]> {
  if (body === null) return [];
  const event = parseEvent(JSON.parse(body), () => undefined);
  const withdrawal = withdrawalOf(event.body);
  const notFound = withdrawal === null ? [] : await reader.notFound(withdrawal);
  return [...effectProblems(event.body), ...notFound];
}

type Info = Pick<GraphQLResolveInfo, 'fieldNodes' | 'fragments'>;

/**
 * A page of the log.
 *
 * @throws StemmaError NOT_FOUND where there is no such type or source, with the nearest
 */
export async function eventPage(args: QueryEventsArgs, { cursors, reader }: Context, info: Info) {
  const { first, after, last, before, order, subject, since, until, ...rest } = args;
  const filter = {
    type: rest.type ?? null,
    source: rest.source ?? null,
    correlationId: rest.correlationId ?? null,
    causationId: rest.causationId ?? null,
    workflowId: rest.workflowId ?? null,
    outcome: rest.outcome ?? null,
    since: toMs(since),
    until: toMs(until),
    ...subjectFilter(subject ?? null),
  };
  const scope = JSON.stringify(['events', order, filter]);
  const page = readPage<number>(cursors, scope, { first, after, last, before });
  const oldestFirst = order === 'OLDEST_FIRST';
  // the log is read newest first; the other order is the same list from behind
  const slice = await reader.events(filter, {
    ...page,
    backward: page.backward !== oldestFirst,
    body: wantsBody(info),
  });
  if (slice.items.length === 0) {
    await checkEventType(reader, filter.type, 'type');
    await checkSource(reader, filter.source, 'source');
  }
  return toConnection(cursors, scope, page, slice, ({ n }) => n);
}

/** A page of the events about one thing, newest first. */
export async function eventPageOf(
  parent: EntityRecord,
  args: PageArguments,
  { cursors, loaders }: Context,
  info: Info,
) {
  const ref = refId(parent);
  const scope = JSON.stringify(['events', ref]);
  const page = readPage<number>(cursors, scope, args);
  const found = await loaders.eventsOf.load({
    ...page,
    ref,
    limit: page.limit + 1,
    body: wantsBody(info),
  });
  return toConnection(cursors, scope, page, toSlice(found, page.limit), ({ n }) => n);
}

/** Bodies can be long: they are read where somebody looks at them. */
export function wantsBody(info: Info): boolean {
  const fields = [...fieldsBelow(info, 'nodes'), ...fieldsBelow(info, 'edges', 'node')];
  return ['data', 'body', 'warnings'].some((name) => fields.includes(name));
}

export function subjectFilter(subject: string | null) {
  if (subject === null) return { subjectRef: null, subject: null };
  const ref = parseRefText(subject) ?? tryParseId(subject);
  if (ref === null || ref.label === 'Event') return { subjectRef: null, subject };
  return { subjectRef: refId(ref), subject: null };
}
