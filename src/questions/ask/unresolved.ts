import type { PageRequest } from '../../graph/read/records.ts';
import type {
  UnresolvedPage,
  UnresolvedPosition,
  UnresolvedReader,
} from '../../graph/read/unresolved.ts';
import { labelNamed } from '../gather/known-names.ts';

/**
 * A page of things that are referred to and were never stated, of one kind; null = of any.
 *
 * @throws StemmaError NOT_FOUND naming the nearest kinds
 */
export async function askUnresolved(
  reader: UnresolvedReader,
  kind: string | null,
  page: PageRequest<UnresolvedPosition>,
): Promise<UnresolvedPage> {
  return reader.unresolved(kind === null ? null : labelNamed(kind, 'label'), page);
}
