import { StemmaError } from '../../errors.ts';
import type {
  DeploymentFilter,
  LatestDeployment,
  LatestPosition,
  LatestReader,
  ListFilters,
  ListReader,
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
import { readDeployments, type DeploymentReader } from './live-deployments.ts';

type Names = MeaningReader & Pick<NameReader, 'scopes' | 'purlTypes'>;
type Page = PageRequest<string>;

/**
 * A page of things of one kind, in the order of their keys.
 *
 * @throws StemmaError NOT_FOUND where the filter names something that nobody ever named, with the nearest names
 */
export async function askList<N extends keyof ListFilters>(
  reader: ListReader & Names,
  name: N,
  filter: ListFilters[N],
  page: Page,
): Promise<Slice<EntityRecord>> {
  const { [name]: read }: ListReader = reader;
  const asked = await withMeaning(reader, filter);
  return orUnknown(reader, asked, await read(asked, page));
}

/** @throws StemmaError NOT_FOUND as askList */
export async function askDeployments(
  reader: DeploymentReader & Names,
  { live, at, ...given }: DeploymentFilter & { readonly live: boolean | null; readonly at: Moment },
  page: Page,
): Promise<Slice<EntityRecord>> {
  const filter = await withMeaning(reader, given);
  return orUnknown(reader, filter, await readDeployments(reader, { live, at }, filter, page));
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
