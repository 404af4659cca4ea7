import type { Changes } from '../model/change.ts';
import type { EventData, EventType } from '../model/events/catalogue.ts';
import type { Envelope } from '../model/event.ts';

/** Everything a handler may know beside the event's data. */
export type HandlerContext = {
  readonly envelope: Envelope;
  /** Effective time in ms since the epoch (design section 4). */
  readonly at: number;
};

export type DataHandler<Data> = (data: Data, context: HandlerContext) => Changes;

/** Event in, changes out. Pure: no clock, no I/O; the same event always gives the same changes. */
export type Handler<T extends EventType> = DataHandler<EventData<T>>;
