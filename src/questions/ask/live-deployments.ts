import type { DeploymentFilter, ListReader } from '../../graph/lists.ts';
import type { EntityRecord, PageRequest, Slice } from '../../graph/records.ts';
import type { LifeReader } from '../../graph/subgraph-events.ts';
import { isLiveAt } from '../../model/liveness.ts';
import { NOW } from '../../model/moment.ts';

/** The most deployments that are looked at in one go. */
const MAX_PORTION = 5_000;

/**
 * A page of the deployments that are live now (true) or are not (false); null = of all. Whether one is live is computed from events
 * and not known to the list. Few are live, so these are found first; most are not, so the list is read on, in growing portions,
 * until the page is full or the list ends.
 */
export async function readDeployments(
  reader: Pick<ListReader, 'deployments' | 'deploymentsAmong'> & Pick<LifeReader, 'live' | 'lives'>,
  live: boolean | null,
  filter: DeploymentFilter,
  page: PageRequest<string>,
): Promise<Slice<EntityRecord>> {
  if (live === null) return reader.deployments(filter, page);
  if (live) {
    const keys = (await reader.live(null)).map(({ key }) => key);
    return reader.deploymentsAmong({ ...filter, keys }, page);
  }
  const items: EntityRecord[] = [];
  let { position } = page;
  for (let portion = page.limit + 1; ; portion = Math.min(portion * 2, MAX_PORTION)) {
    const part = await reader.deployments(filter, { ...page, position, limit: portion });
    const keys = part.items.map(({ key }) => key);
    const lives = await reader.lives(keys, NOW.known, false);
    for (const item of part.items) {
      const life = lives.get(item.key);
      // nobody has stated it: it is neither
      if (life !== undefined && !isLiveAt(life, NOW.valid)) items.push(item);
    }
    if (items.length > page.limit) return { items: items.slice(0, page.limit), more: true };
    if (!part.more) return { items, more: false };
    position = keys.at(-1) ?? position;
  }
}
