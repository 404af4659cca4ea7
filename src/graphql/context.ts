import type { Reader } from '../graph/reader.ts';
import type { DeadLetterStore } from '../model/dead-letters.ts';
import type { Intake } from '../model/receipt.ts';
import type { Closures } from './closures.ts';
import type { ReadBusState } from './completeness.ts';
import type { Cursors } from './cursors.ts';
import type { SubmitDocument } from './documents.ts';
import { createLoaders, type Loaders } from './loaders.ts';

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
  readonly loaders: Loaders;
};

export function createContext(parts: Omit<Context, 'loaders'>): Context {
  return { ...parts, loaders: createLoaders(parts.reader) };
}
