import { int, type Graph, type Parameters } from '../driver.ts';
import { LAST_KEY, toEntity, type EntityRecord, type PageRequest, type Slice } from './records.ts';
import type { Statements } from '../statement.ts';

/** Filters of every list: null = any; times in ms. */
type Span = { readonly since: number | null; readonly until: number | null };
type Stated = { readonly resolved: boolean | null };

type CommitFilter = Span &
  Stated & {
    /** Keys of repositories. */
    readonly repositories: readonly string[] | null;
    readonly messagePrefix: string | null;
    readonly author: string | null;
  };
type BuildFilter = Span &
  Stated & {
    readonly repositories: readonly string[] | null;
    readonly state: string | null;
    readonly namePrefix: string | null;
  };
type ArtifactFilter = Span &
  Stated & { readonly namePrefix: string | null; readonly mediaType: string | null };
export type DeploymentFilter = Span &
  Stated & {
    /** Keys, or names in any scope. */
    readonly environments: readonly string[] | null;
    readonly services: readonly string[] | null;
    readonly state: string | null;
    /** By key, where something was withdrawn, so that the state is another one than the facets say; '' = none. */
    readonly states: Readonly<Record<string, string>>;
    readonly namePrefix: string | null;
  };
type EnvironmentFilter = {
  readonly namePrefix: string | null;
  readonly scope: string | null;
};
type PackageFilter = {
  readonly purlType: string | null;
  readonly namespace: string | null;
  readonly namePrefix: string | null;
};
type VulnerabilityFilter = Span &
  Stated & {
    readonly severity: string | null;
    readonly idPrefix: string | null;
    readonly withdrawn: boolean | null;
  };

export type ListFilters = {
  readonly commits: CommitFilter;
  readonly builds: BuildFilter;
  readonly artifacts: ArtifactFilter;
  readonly deployments: DeploymentFilter;
  readonly deploymentsAmong: DeploymentFilter & { readonly keys: readonly string[] };
  readonly environments: EnvironmentFilter;
  readonly packages: PackageFilter;
  readonly vulnerabilities: VulnerabilityFilter;
};

/** Where a page of the latest deployments ends: the time it is sorted by (ms), then the key. */
export type LatestPosition = { readonly at: number; readonly key: string };
type LatestFilter = Pick<DeploymentFilter, 'environments' | 'services'>;
export type LatestDeployment = { readonly entity: EntityRecord; readonly at: number };

export interface LatestReader {
  /** Deployments, newest first. */
  latestDeployments(
    filter: LatestFilter,
    page: PageRequest<LatestPosition>,
  ): Promise<Slice<LatestDeployment>>;
}

/** Lists of nodes in the order of their keys; positions are keys. */
export type ListReader = {
  readonly [N in keyof ListFilters]: (
    filter: ListFilters[N],
    page: PageRequest<string>,
  ) => Promise<Slice<EntityRecord>>;
};

export function createListReader(graph: Pick<Graph, 'read'>, statements: Statements): ListReader {
  const list = async (
    name: string,
    filter: Parameters,
    { limit, position, backward }: PageRequest<string>,
  ): Promise<Slice<EntityRecord>> => {
    const statement = statements.get(name, backward ? 'desc' : 'asc');
    const rows = await graph.read(statement, {
      ...filter,
      position: position ?? (backward ? LAST_KEY : ''),
      limit: int(limit + 1),
    });
    return { items: rows.slice(0, limit).map(toEntity), more: rows.length > limit };
  };
  const times = ({ since, until }: Span) => ({
    since: since === null ? null : int(since),
    until: until === null ? null : int(until),
  });

  return {
    commits: async ({ repositories, ...rest }, page) =>
      repositories === null
        ? list('lookup/list/commits', { ...rest, ...times(rest) }, page)
        : list(
            'lookup/list/commits-in-repository',
            { repositories, ...rest, ...times(rest) },
            page,
          ),
    builds: async ({ repositories, ...rest }, page) =>
      repositories === null
        ? list('lookup/list/builds', { ...rest, ...times(rest) }, page)
        : list('lookup/list/builds-of-repository', { repositories, ...rest, ...times(rest) }, page),
    artifacts: async (filter, page) =>
      list('lookup/list/artifacts', { ...filter, ...times(filter) }, page),
    deployments: async ({ environments, services, ...rest }, page) =>
      environments === null && services === null
        ? list('lookup/list/deployments', { ...rest, ...times(rest) }, page)
        : list(
            'lookup/list/deployments-at',
            { environments, services, ...rest, ...times(rest) },
            page,
          ),
    deploymentsAmong: async (filter, page) =>
      list('lookup/list/deployments-among', { ...filter, ...times(filter) }, page),
    environments: async (filter, page) => list('lookup/list/environments', filter, page),
    packages: async (filter, page) => list('lookup/list/packages', filter, page),
    vulnerabilities: async (filter, page) =>
      list('lookup/list/vulnerabilities', { ...filter, ...times(filter) }, page),
  };
}

export function createLatestReader(
  graph: Pick<Graph, 'read'>,
  statements: Statements,
): LatestReader {
  return {
    async latestDeployments(filter, { limit, position, backward }) {
      const statement = statements.get('lookup/list/deployments-latest', backward ? 'asc' : 'desc');
      const rows = await graph.read(statement, {
        ...filter,
        at: int(position?.at ?? (backward ? Number.MIN_SAFE_INTEGER : Number.MAX_SAFE_INTEGER)),
        key: position?.key ?? '',
        limit: int(limit + 1),
      });
      const items = rows.slice(0, limit).map((row): LatestDeployment => {
        return { entity: toEntity(row), at: Number(row.get('at')) };
      });
      return { items, more: rows.length > limit };
    },
  };
}
