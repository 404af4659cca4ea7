import { BREAK, visit, type DocumentNode } from 'graphql';
import type { EventReader } from '../graph/read/events.ts';
import type { Context } from './context.ts';

/** What an answer rests on; null = not known, because the bus does not answer. */
export type CompletenessRecord = {
  readonly acceptedPosition: number | null;
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

/**
 * Reads how complete the graph is before anything of it is read, where an operation asks for that: what is applied between the
 * two may then be in the answer without being claimed, and never the other way round.
 */
export async function readAhead(document: DocumentNode, context: Context): Promise<void> {
  if (!asksForCompleteness(document)) return;
  await completeness(null, null, context).catch(() => undefined); // the field itself will say so
}

/**
 * The log number at which a list of several pages is pinned: everything up to it is in the graph. Where the bus does not answer,
 * the newest event: the best that is known then, though smaller ones may still be on their way. Null for an empty log.
 */
export async function pinOf(context: Context): Promise<number | null> {
  const { throughPosition } = await completeness(null, null, context);
  return throughPosition ?? (await lastEvent(context.reader, null))?.n ?? null;
}

const asking = new WeakMap<DocumentNode, boolean>();

function asksForCompleteness(document: DocumentNode): boolean {
  let found = asking.get(document);
  if (found === undefined) {
    found = false;
    visit(document, {
      Field({ name }) {
        if (name.value !== 'completeness') return undefined;
        found = true;
        return BREAK;
      },
    });
    asking.set(document, found);
  }
  return found;
}

async function readCompleteness({ reader, busState }: Context): Promise<CompletenessRecord> {
  const state = busState === null ? null : await busState().catch(() => null);
  if (state === null) return UNKNOWN;
  const { throughPosition } = state;
  const last = throughPosition === 0 ? undefined : await lastEvent(reader, throughPosition);
  return { ...state, throughTime: last?.acceptedAt ?? null };
}

/** The bus does not answer: which smaller log numbers are still on their way is not known. */
const UNKNOWN: CompletenessRecord = {
  acceptedPosition: null,
  throughPosition: null,
  throughTime: null,
  lagSeconds: null,
  deadLettered: null,
  gaps: null,
};

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
