import type {
  DeploymentFilter,
  ListPage,
  ListPosition,
  ListReader,
} from '../../graph/read/lists.ts';
import type { EntityRecord, Slice } from '../../graph/read/records.ts';
import { isLiveAt } from '../../model/liveness.ts';
import { isNow, type Moment } from '../../model/moment.ts';
import { gatherDeployments } from '../gather/deployments.ts';
import { checkNames } from '../gather/known-names.ts';
import type { Readers } from '../gather/readers.ts';

export type DeploymentReader = Readers['reader'] &
  Pick<ListReader, 'deployments' | 'deploymentsAmong' | 'countOf'>;

/** The most deployments that are looked at in one go. */
const MAX_PORTION = 5_000;

/**
 * A page of the deployments that are live at a moment (true) or are not (false); null = of all. Whether one is live is computed from
 * events and not known to the list. Few are live, so these are found first; most are not, so the list is read on, in growing
 * portions, until the page is full or the list ends.
 *
 * @param positionOf where a thing lies in the list
 */
export async function readDeployments(
  reader: DeploymentReader,
  { live, at }: { readonly live: boolean | null; readonly at: Moment },
  filter: DeploymentFilter,
  page: ListPage,
  positionOf: (entity: EntityRecord) => ListPosition,
): Promise<Slice<EntityRecord>> {
  if (live === null) return reader.deployments(filter, page);
  if (live) return reader.deploymentsAmong(await liveFilter(reader, at, filter), page);
  const items: EntityRecord[] = [];
  let { position } = page;
  for (let portion = page.limit + 1; ; portion = Math.min(portion * 2, MAX_PORTION)) {
    const part = await reader.deployments(filter, { ...page, position, limit: portion });
    const keys = part.items.map(({ key }) => key);
    const lives = await reader.lives(keys, at.known, false);
    for (const item of part.items) {
      const life = lives.get(item.key);
      // nobody has stated it: it is neither
      if (life !== undefined && !isLiveAt(life, at.valid)) items.push(item);
    }
    if (items.length > page.limit) return { items: items.slice(0, page.limit), more: true };
    if (!part.more) return { items, more: false };
    const last = part.items.at(-1);
    if (last !== undefined) position = positionOf(last);
  }
}

/** The filter that leads to what is live at a moment. */
export async function liveFilter(
  reader: DeploymentReader,
  at: Moment,
  filter: DeploymentFilter,
): Promise<DeploymentFilter & { readonly keys: readonly string[] }> {
  if (isNow(at)) return { ...filter, keys: (await reader.live(null)).map(({ key }) => key) };
  const keys = await liveThen(reader, filter, at);
  // where they were deployed then is known, and may not be so any more
  return { ...filter, environments: null, services: null, keys };
}

async function liveThen(
  reader: Readers['reader'],
  { environments, services }: DeploymentFilter,
  at: Moment,
): Promise<string[]> {
  await checkNames(reader, 'Environment', environments, 'environment');
  const builder = reader.subgraph(at);
  const { ids } = await gatherDeployments(builder, { reader }, at, {
    ...{ environments, onlyLive: true },
  });
  const found = ids.flatMap((id) => builder.get(id) ?? []);
  const places = await placesNamed(reader, found, services);
  return found.flatMap(({ key, service }) =>
    places === null || places.has(String(service)) ? [key] : [],
  );
}

/** Of the services of deployments, the keys of those that have one of the names, or keys; null = any. */
async function placesNamed(
  reader: Pick<Readers['reader'], 'byRefs'>,
  deployments: readonly EntityRecord[],
  names: readonly string[] | null,
): Promise<ReadonlySet<string> | null> {
  if (names === null) return null;
  const keys = new Set(
    deployments.flatMap(({ service }) => (typeof service === 'string' ? [service] : [])),
  );
  const refs = [...keys].map((key) => ({ label: 'Service' as const, key }));
  const places = [...(await reader.byRefs(refs)).values()];
  return new Set(
    places.flatMap(({ key, name }) =>
      names.includes(key) || names.includes(String(name)) ? [key] : [],
    ),
  );
}
