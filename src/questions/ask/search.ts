import type { SearchPage, SearchPosition, SearchReader } from '../../graph/read/search.ts';
import { checkIdentifier } from '../../model/text.ts';
import { labelNamed } from '../gather/known-names.ts';
import { otherSpellings, type RepositoryReader } from '../gather/other-spellings.ts';

/** What is looked for, as people type it, and among which kinds of things; null = any. */
export type SearchSubject = { readonly text: string; readonly kinds: readonly string[] | null };

/**
 * A page of things whose key begins with the text, by key, and then of those whose names say it, best match first.
 *
 * @throws StemmaError BAD_USER_INPUT where the text cannot be looked for; NOT_FOUND naming the nearest kinds
 */
export async function askSearch(
  reader: SearchReader & RepositoryReader,
  { text, kinds }: SearchSubject,
  page: { readonly position: SearchPosition | null; readonly limit: number },
): Promise<SearchPage> {
  checkIdentifier(text.trim(), 'text');
  const labels = kinds?.map((kind) => labelNamed(kind, 'kinds')) ?? null;
  return reader.search({
    ...{ text, labels, after: page.position, limit: page.limit },
    otherSpellings: await otherSpellings(reader, text.trim()),
  });
}
