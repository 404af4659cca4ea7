import type { Reader } from '../graph/read/reader.ts';
import type { EntityRecord } from '../graph/read/records.ts';
import type { DeadLetterStore } from '../model/dead-letters.ts';
import type { StemmaError } from '../errors.ts';
import type { Live } from '../live/live.ts';
import type { Moment } from '../model/moment.ts';
import type { ReadBusState } from '../model/bus-state.ts';
import type { AcceptOptions, Intake, Receipt } from '../model/receipt.ts';
import type { Closures } from '../questions/ask/closures.ts';
import type { Envelope } from '../questions/ask/recurrence.ts';
import type { DocumentLinks } from '../questions/gather/readers.ts';
import type { Cursors } from './cursors.ts';
import type { PastDeployments } from '../questions/ask/statistics.ts';
import { createLoaders, type Loaders, type StandingLives } from './loaders.ts';

/** Things as they were. */
export interface EntityHistory extends StandingLives, PastDeployments {
  /** Null where nothing had been heard of it by then. */
  entityAt(entity: EntityRecord, at: Moment): Promise<EntityRecord | null>;
}

/** Sends a document that one event cannot carry: its bytes in parts, then the event. */
export type SubmitDocument = (
  document: { readonly bytes: Uint8Array; readonly envelope: Envelope },
  options: AcceptOptions,
) => Promise<Receipt>;

/** What resolvers may use, for one request. */
export type Context = {
  readonly reader: Reader;
  readonly intake: Intake;
  /** For documents that one event cannot carry; absent where the edge has no such way. */
  readonly submitDocument: SubmitDocument | null;
  readonly cursors: Cursors;
  /** Lineages that are read page by page. */
  readonly closures: Closures;
  /** How far the writers have come; null where no bus is at hand. */
  readonly busState: ReadBusState | null;
  /** Null where no bus is at hand. */
  readonly deadLetters: DeadLetterStore | null;
  /** Null where the past is not served. */
  readonly history: EntityHistory | null;
  /** Null where links into other documents are not followed. */
  readonly links: DocumentLinks | null;
  /** Null where nobody can watch. */
  readonly live: Pick<Live, 'watch' | 'watchDeadLetters'> | null;
  /** Ends the connection of a subscription that is too slow, which may never read that it is. */
  readonly onDropped: (error: StemmaError) => void;
  readonly now: () => number;
  readonly loaders: Loaders;
};

export function createContext(parts: Omit<Context, 'loaders'>): Context {
  return { ...parts, loaders: createLoaders(parts.reader, parts.history) };
}
