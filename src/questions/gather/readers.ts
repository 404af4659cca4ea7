import type { EntityReader } from '../../graph/read/entities.ts';
import type { NameReader } from '../../graph/read/names.ts';
import type { LifeReader } from '../../graph/read/subgraph-events.ts';
import type { SubgraphReader } from '../../graph/read/subgraph.ts';
import type { NodeRef } from '../../model/node.ts';

/** Where a link into another document leads, or why that is not known, as a sentence. */
export type ResolvedLink =
  | { readonly found: true; readonly component: NodeRef; readonly root: NodeRef | null }
  | { readonly found: false; readonly why: string };

/** Links into CycloneDX documents. */
export interface DocumentLinks {
  /** By link, of those that are BOM-Links. */
  resolve(links: readonly string[]): Promise<ReadonlyMap<string, ResolvedLink>>;
}

/** What a question reads that is about a part of the graph. */
export type Readers = {
  readonly reader: SubgraphReader &
    Pick<LifeReader, 'live' | 'lives'> &
    Pick<NameReader, 'known' | 'keysOf'> &
    Pick<EntityReader, 'byRefs' | 'repositoryNames'>;
  /** Null where links into other documents are not followed. */
  readonly links: DocumentLinks | null;
};
