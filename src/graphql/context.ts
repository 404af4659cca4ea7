import type { Reader } from '../graph/reader.ts';
import type { Intake } from '../model/receipt.ts';
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
  readonly loaders: Loaders;
};

export function createContext(parts: Omit<Context, 'loaders'>): Context {
  return { ...parts, loaders: createLoaders(parts.reader) };
}
