import type { EventReader } from '../graph/events.ts';
import type { Context } from './context.ts';

/** What an answer rests on; null = not known, because the bus does not answer. */
export type CompletenessRecord = {
  readonly throughPosition: number | null;
  readonly throughTime: number | null;
  readonly lagSeconds: number | null;
  readonly deadLettered: number | null;
  readonly gaps: number | null;
};

const known = new WeakMap<Context, Promise<CompletenessRecord>>();

/** What every answer about lineage can and cannot know (design section 7): a resolver for fields of type Completeness. */
export async function completeness(
  _parent: unknown,
  _args: unknown,
  context: Context,
): Promise<CompletenessRecord> {
  let reading = known.get(context);
  if (reading === undefined) known.set(context, (reading = readCompleteness(context)));
  return reading;
}

/** The log number at which a list of several pages is pinned: everything up to it is in the graph. Null for an empty log. */
export async function pinOf(context: Context): Promise<number | null> {
  return (await completeness(null, null, context)).throughPosition;
}

async function readCompleteness({ reader, busState }: Context): Promise<CompletenessRecord> {
  const state = busState === null ? null : await busState().catch(() => null);
  const last = await lastEvent(reader, state?.throughPosition ?? null);
  return {
    throughPosition: state?.throughPosition ?? last?.n ?? null,
    throughTime: last?.acceptedAt ?? null,
    lagSeconds: state?.lagSeconds ?? null,
    deadLettered: state?.deadLettered ?? null,
    gaps: state?.gaps ?? null,
  };
}

/** The newest event up to a log number; null = the newest of all. */
async function lastEvent(reader: EventReader, through: number | null) {
  const { items } = await reader.events(ANY, {
    limit: 1,
    position: through === null ? null : through + 1,
    backward: false,
    body: false,
  });
  return items[0] ?? null;
}

const ANY = {
  type: null,
  source: null,
  subjectRef: null,
  subject: null,
  correlationId: null,
  causationId: null,
  workflowId: null,
  outcome: null,
  since: null,
  until: null,
};
