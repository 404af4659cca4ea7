import type { EventReader } from '../../graph/read/events.ts';
import type { EntityRecord, PageRequest } from '../../graph/read/records.ts';
import type {
  EventChainRecord,
  TimelinePage,
  TimelinePosition,
  TimelineReader,
} from '../../graph/read/timeline.ts';

/** A page of what happened to a thing, under each of its names, and to what is one edge away from it, by effective time. */
export async function askTimeline(
  reader: Pick<TimelineReader, 'timeline'>,
  names: readonly EntityRecord[],
  page: PageRequest<TimelinePosition> & { readonly body: boolean },
): Promise<TimelinePage> {
  return reader.timeline(names, page);
}

/** What caused an event, and what it caused; null where the log has no event of this key. */
export async function askEventChain(
  reader: Pick<EventReader, 'byKeys'> & Pick<TimelineReader, 'eventChain'>,
  key: string,
): Promise<EventChainRecord | null> {
  const event = (await reader.byKeys([key])).get(key);
  return event === undefined ? null : reader.eventChain(event);
}
