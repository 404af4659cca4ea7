import type { Defined } from './definitions.ts';
import type { EventData } from './events/catalogue.ts';

export type WatchDefinition = EventData<'watch.defined'>;
export type DefinedWatch = Defined<WatchDefinition>;
