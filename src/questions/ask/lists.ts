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
import { checkNames, checkPurlType, checkScope } from '../gather/known-names.ts';
import { readDeployments, type DeploymentReader } from './live-deployments.ts';

type Names = Pick<NameReader, 'known' | 'keysOf' | 'scopes' | 'purlTypes'>;
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
  return orUnknown(reader, filter, await read(filter, page));
}

/** @throws StemmaError NOT_FOUND as askList */
export async function askDeployments(
  reader: DeploymentReader & Names,
  {
    live,
    at,
    ...filter
  }: DeploymentFilter & { readonly live: boolean | null; readonly at: Moment },
  page: Page,
): Promise<Slice<EntityRecord>> {
  return orUnknown(reader, filter, await readDeployments(reader, { live, at }, filter, page));
}

/**
 * Deployments to an environment or of a service, newest first.
 *
 * @throws StemmaError BAD_USER_INPUT where neither is given; NOT_FOUND as askList
 */
export async function askLatestDeployments(
  reader: LatestReader & Names,
  filter: Parameters<LatestReader['latestDeployments']>[0],
  page: PageRequest<LatestPosition>,
): Promise<Slice<LatestDeployment>> {
  if (filter.environment === null && filter.service === null) {
    throw new StemmaError(
      'BAD_USER_INPUT',
      "The latest of all deployments are not read: give 'environment' or 'service'.",
      { details: { path: 'environment' } },
    );
  }
  return orUnknown(reader, filter, await reader.latestDeployments(filter, page));
}

const NAMING = [
  ['repository', 'Repository'],
  ['environment', 'Environment'],
  ['service', 'Service'],
] as const;

/** Only an empty list can be that of something unknown. */
async function orUnknown<T>(
  reader: Names,
  filter: Readonly<Record<string, unknown>>,
  slice: Slice<T>,
): Promise<Slice<T>> {
  if (slice.items.length > 0) return slice;
  for (const [name, label] of NAMING) {
    const value = filter[name];
    if (typeof value === 'string') await checkNames(reader, label, [value], name);
  }
  const { scope, purlType } = filter;
  if (typeof scope === 'string') await checkScope(reader, scope, 'scope');
  if (typeof purlType === 'string') await checkPurlType(reader, purlType, 'purlType');
  return slice;
}
