import { StemmaError } from '../../errors.ts';
import type {
  DeploymentFilter,
  LatestDeployment,
  LatestPosition,
  LatestReader,
  ListFilters,
  ListPage,
  ListPosition,
  ListReader,
  PageReader,
} from '../../graph/read/lists.ts';
import type { NameReader } from '../../graph/read/names.ts';
import type { EntityRecord, PageRequest, Slice } from '../../graph/read/records.ts';
import type { Moment } from '../../model/moment.ts';
import {
  checkNames,
  checkPurlType,
  checkScope,
  meant,
  type MeaningReader,
} from '../gather/known-names.ts';
import { liveFilter, readDeployments, type DeploymentReader } from './live-deployments.ts';

type Names = MeaningReader & Pick<NameReader, 'scopes' | 'purlTypes'>;

/** The most things that are put in order by time for one page. */
const MOST_SORTED = 100_000;

/**
 * A page of things of one kind.
 *
 * @throws StemmaError BAD_USER_INPUT where there are too many to put them in order; NOT_FOUND where the filter names something that nobody ever named, with the nearest names
 */
export async function askList<N extends keyof ListFilters>(
  reader: ListReader & Names,
  name: N,
  filter: ListFilters[N],
  page: ListPage,
): Promise<Slice<EntityRecord>> {
  const { [name]: read }: PageReader = reader;
  const asked = await withMeaning(reader, filter);
  await checkSortable(page, async () => reader.countOf(name, asked, MOST_SORTED));
  return orUnknown(reader, asked, await read(asked, page));
}

/** How many askList would list in all; null where there are more than `upTo`. */
export async function countList<N extends keyof ListFilters>(
  reader: ListReader & Names,
  name: N,
  filter: ListFilters[N],
  upTo: number,
): Promise<number | null> {
  return reader.countOf(name, await withMeaning(reader, filter), upTo);
}

type DeploymentsAsked = DeploymentFilter & {
  readonly live: boolean | null;
  readonly at: Moment;
};

/** @throws StemmaError as askList */
export async function askDeployments(
  reader: DeploymentReader & Names,
  { live, at, ...given }: DeploymentsAsked,
  page: ListPage,
  positionOf: (entity: EntityRecord) => ListPosition,
): Promise<Slice<EntityRecord>> {
  const filter = await withMeaning(reader, given);
  if (live !== true) {
    await checkSortable(page, async () => reader.countOf('deployments', filter, MOST_SORTED));
  }
  const found = await readDeployments(reader, { live, at }, filter, page, positionOf);
  return orUnknown(reader, filter, found);
}

/**
 * How many askDeployments would list in all; null where there are more than `upTo`.
 *
 * @throws StemmaError BAD_USER_INPUT of those that are not live, each of which would have to be looked at
 */
export async function countDeployments(
  reader: DeploymentReader & Names,
  { live, at, ...given }: DeploymentsAsked,
  upTo: number,
): Promise<number | null> {
  const filter = await withMeaning(reader, given);
  if (live === null) return reader.countOf('deployments', filter, upTo);
  if (live) return reader.countOf('deploymentsAmong', await liveFilter(reader, at, filter), upTo);
  throw new StemmaError(
    'BAD_USER_INPUT',
    "'totalCount' of the deployments that are not live is not counted: each would have to be looked at. Ask without 'live'.",
    { details: { path: 'live' } },
  );
}

/** Without an order that the database keeps, a page needs all that fits. */
async function checkSortable(
  { order }: ListPage,
  count: () => Promise<number | null>,
): Promise<void> {
  if (order === 'KEY' || (await count()) !== null) return;
  throw new StemmaError(
    'BAD_USER_INPUT',
    `More than ${MOST_SORTED} fit, which are not put in order by time: give a filter that fewer fit, or leave out 'orderBy'.`,
    { details: { path: 'orderBy', limit: MOST_SORTED } },
  );
}

/**
 * Deployments to an environment or of a service, newest first.
 *
 * @throws StemmaError BAD_USER_INPUT where neither is given; NOT_FOUND as askList
 */
export async function askLatestDeployments(
  reader: LatestReader & Names,
  given: Parameters<LatestReader['latestDeployments']>[0],
  page: PageRequest<LatestPosition>,
): Promise<Slice<LatestDeployment>> {
  if (given.environments === null && given.services === null) {
    throw new StemmaError(
      'BAD_USER_INPUT',
      "The latest of all deployments are not read: give 'environment' or 'service'.",
      { details: { path: 'environment' } },
    );
  }
  const filter = await withMeaning(reader, given);
  return orUnknown(reader, filter, await reader.latestDeployments(filter, page));
}

const NAMING = [
  ['repositories', 'Repository', 'repository'],
  ['environments', 'Environment', 'environment'],
  ['services', 'Service', 'service'],
] as const;

/** The same filter, with every name of what it names. */
async function withMeaning<F>(reader: Names, filter: F): Promise<F> {
  const names = filter as Readonly<Record<string, unknown>>; // a plain object
  const entries = NAMING.filter(([name]) => Array.isArray(names[name])).map(
    async ([name]) => [name, await meant(reader, names[name] as readonly string[])] as const, // as ListFilters says
  );
  return { ...filter, ...Object.fromEntries(await Promise.all(entries)) };
}

/** Only an empty list can be that of something unknown. */
async function orUnknown<T>(
  reader: Names,
  filter: Readonly<Record<string, unknown>>,
  slice: Slice<T>,
): Promise<Slice<T>> {
  if (slice.items.length > 0) return slice;
  for (const [name, label, path] of NAMING) {
    const [asked] = (filter[name] ?? []) as readonly string[]; // the others mean the same
    if (asked !== undefined) await checkNames(reader, label, [asked], path);
  }
  const { scope, purlType } = filter;
  if (typeof scope === 'string') await checkScope(reader, scope, 'scope');
  if (typeof purlType === 'string') await checkPurlType(reader, purlType, 'purlType');
  return slice;
}
