import { int, type Graph, type Parameters } from '../driver.ts';
import { NEVER } from '../variants.ts';
import { LAST_KEY, toEntity, type EntityRecord, type PageRequest, type Slice } from './records.ts';
import type { NodeLabel } from '../../model/node.ts';
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

type WorkflowFilter = Span &
  Stated & {
    readonly state: string | null;
    readonly namePrefix: string | null;
    /** Whether it was begun and has no end. */
    readonly stuck: boolean | null;
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
  readonly workflows: WorkflowFilter;
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

/** By key, or by the time of what is listed (`listTime`). */
export type ListOrder = 'KEY' | 'NEWEST_FIRST' | 'OLDEST_FIRST';
/** Where a page ends: at a thing with this key and time (ms; null where it has none). */
export type ListPosition = { readonly key: string; readonly at: number | null };
export type ListPage = PageRequest<ListPosition> & { readonly order: ListOrder };

/** Lists of nodes. */
export type PageReader = {
  readonly [N in keyof ListFilters]: (
    filter: ListFilters[N],
    page: ListPage,
  ) => Promise<Slice<EntityRecord>>;
};

export type ListReader = PageReader & {
  /** How many there are; null where there are more than `upTo`. */
  countOf<N extends keyof ListFilters>(
    name: N,
    filter: ListFilters[N],
    upTo: number,
  ): Promise<number | null>;
};

/** When a thing was made, as its list is sorted by that, in ms; null where nobody says. */
export function listTime(entity: EntityRecord): number | null {
  const properties = LIST_TIMES[entity.label] ?? [];
  const times = properties.map((name) => entity[name]);
  return times.find((time) => typeof time === 'number') ?? null;
}

/** As the statements of the lists have them. */
const LIST_TIMES: Readonly<Partial<Record<NodeLabel, readonly string[]>>> = {
  Commit: ['committedAt'],
  Build: ['startedAt', 'queuedAt', 'finishedAt'],
  Artifact: ['createdAt'],
  Deployment: ['createdAt', 'completedAt', 'failedAt', 'rolledBackAt', 'removedAt'],
  Vulnerability: ['publishedAt'],
  Workflow: ['startedAt', 'createdAt', 'finishedAt'],
};

export function createListReader(graph: Pick<Graph, 'read'>, statements: Statements): ListReader {
  const list =
    <N extends keyof ListFilters>(name: N) =>
    async (filter: ListFilters[N], page: ListPage): Promise<Slice<EntityRecord>> => {
      const [file, parameters] = askedAs(name, filter);
      const { shape, ...place } = placeOf(page);
      const rows = await graph.read(statements.get(file, shape), {
        ...parameters,
        ...place,
        limit: int(page.limit + 1),
      });
      return { items: rows.slice(0, page.limit).map(toEntity), more: rows.length > page.limit };
    };
  return {
    commits: list('commits'),
    builds: list('builds'),
    artifacts: list('artifacts'),
    deployments: list('deployments'),
    deploymentsAmong: list('deploymentsAmong'),
    environments: list('environments'),
    packages: list('packages'),
    vulnerabilities: list('vulnerabilities'),
    workflows: list('workflows'),
    async countOf(name, filter, upTo) {
      const [file, parameters] = askedAs(name, filter);
      const statement = statements.get(file, 'count');
      const [row] = await graph.read(statement, { ...parameters, limit: int(upTo + 1) });
      const count = Number(row?.get('count') ?? 0);
      return count > upTo ? null : count;
    },
  };
}

/** The statement of a list, by what narrows it most, and its parameters. */
function askedAs<N extends keyof ListFilters>(
  name: N,
  filter: ListFilters[N],
): readonly [file: string, parameters: Parameters] {
  const { repositories, environments, services, ...rest } = filter as Parameters; // a plain object
  const parameters = { ...rest, ...timesOf(rest) };
  switch (name) {
    case 'commits':
      return repositories === null
        ? ['lookup/list/commits', parameters]
        : ['lookup/list/commits-in-repository', { repositories, ...parameters }];
    case 'builds':
      return repositories === null
        ? ['lookup/list/builds', parameters]
        : ['lookup/list/builds-of-repository', { repositories, ...parameters }];
    case 'deployments':
      return environments === null && services === null
        ? ['lookup/list/deployments', parameters]
        : ['lookup/list/deployments-at', { environments, services, ...parameters }];
    case 'deploymentsAmong':
      return ['lookup/list/deployments-among', { environments, services, ...parameters }];
    case 'artifacts':
      return ['lookup/list/artifacts', parameters];
    case 'environments':
      return ['lookup/list/environments', parameters];
    case 'packages':
      return ['lookup/list/packages', parameters];
    case 'vulnerabilities':
      return ['lookup/list/vulnerabilities', parameters];
    case 'workflows':
      return ['lookup/list/workflows', parameters];
  }
  throw new Error(`There is no list ${name}.`);
}

function timesOf(filter: Parameters): Parameters {
  const entries = ['since', 'until'].flatMap((name) =>
    typeof filter[name] === 'number' ? [[name, int(filter[name])] as const] : [],
  );
  return Object.fromEntries(entries);
}

/** Which way a page is read, from where. */
function placeOf({ order, position, backward }: ListPage) {
  const start = (downwards: boolean) => (downwards ? LAST_KEY : '');
  if (order === 'KEY') {
    return { shape: backward ? 'desc' : 'asc', position: position?.key ?? start(backward) };
  }
  const downwards = (order === 'NEWEST_FIRST') !== backward;
  const at =
    position === null ? (downwards ? Number.MAX_SAFE_INTEGER : NEVER) : (position.at ?? NEVER);
  return {
    ...{ shape: downwards ? 'newest' : 'oldest', at: int(at) },
    position: position?.key ?? start(downwards),
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
