import type { EntityReader } from '../../graph/read/entities.ts';
import { repositoriesOf } from '../../model/other-spellings.ts';

export type RepositoryReader = Pick<EntityReader, 'byRefs' | 'repositoryNames'>;

/**
 * The same thing under each name that its repository has, by the number of the repository (docs/decisions/0006), as keys have them.
 * It is what was asked that is said in other words: nothing in the graph is joined by it. Without the text itself; empty where it
 * lies within no repository whose number is known.
 *
 * @param text a URL, a package URL of a forge, or a key that begins with a repository's
 */
export async function otherSpellings(reader: RepositoryReader, text: string): Promise<string[]> {
  const ways = repositoriesOf(text);
  if (ways.length === 0) return [];
  const refs = ways.map(({ repository: key }) => ({ label: 'Repository' as const, key }));
  const known = await reader.byRefs(refs);
  for (const { repository, under } of ways) {
    const hostId = known.get(`Repository:${repository}`)?.['hostId'];
    if (typeof hostId !== 'string') continue;
    const names = (await reader.repositoryNames([hostId])).get(hostId) ?? [];
    return names.flatMap((name) => under(name) ?? []).filter((other) => other !== text);
  }
  return [];
}
