import { StemmaError } from '../../errors.ts';
import type { LatestPosition, ListFilters, ListReader } from '../../graph/lists.ts';
import type { EntityRecord, PageRequest, Slice } from '../../graph/records.ts';
import { repositoryKey } from '../../model/keys.ts';
import type * as Args from '../__generated__/resolvers.ts';
import type { Context } from '../context.ts';
import { checkNames, checkPurlType, checkScope } from '../known-names.ts';
import { readDeployments } from '../live-deployments.ts';
import { toMoment } from '../moments.ts';
import { readPage, toConnection, type Connection, type PageArguments } from '../pages.ts';
import { toMs } from './event.ts';

type Span = { readonly since?: string | null; readonly until?: string | null };

/** A page of a list of things, in the order of their keys. */
async function page<F extends Readonly<Record<string, unknown>>>(
  name: string,
  { cursors, reader }: Context,
  args: PageArguments,
  filter: F,
  read: (filter: F, page: PageRequest<string>) => Promise<Slice<EntityRecord>>,
): Promise<Connection<EntityRecord>> {
  const scope = JSON.stringify([name, filter]);
  const request = readPage<string>(cursors, scope, args);
  const slice = await read(filter, request);
  // only an empty list can be that of something unknown
  if (slice.items.length === 0) await checkFilter(reader, filter);
  return toConnection(cursors, scope, request, slice, ({ key }) => key);
}

/** @throws StemmaError NOT_FOUND where the filter names something that nobody ever named, with the nearest names */
async function checkFilter(
  reader: Context['reader'],
  filter: Readonly<Record<string, unknown>>,
): Promise<void> {
  for (const [name, label] of NAMING) {
    const value = filter[name];
    if (typeof value === 'string') await checkNames(reader, label, [value], name);
  }
  const { scope, purlType } = filter;
  if (typeof scope === 'string') await checkScope(reader, scope, 'scope');
  if (typeof purlType === 'string') await checkPurlType(reader, purlType, 'purlType');
}

const NAMING = [
  ['repository', 'Repository'],
  ['environment', 'Environment'],
  ['service', 'Service'],
] as const;

/** The resolver of a list that the graph reads as it is asked for. */
function list<N extends keyof ListFilters, A extends PageArguments>(
  name: N,
  filterOf: (args: A) => ListFilters[N],
) {
  return async (args: A, context: Context) => {
    const reader: ListReader = context.reader;
    return page(name, context, args, filterOf(args), reader[name]);
  };
}

const times = ({ since, until }: Span) => ({ since: toMs(since), until: toMs(until) });
const repository = (url: string | null | undefined) =>
  url === null || url === undefined ? null : repositoryKey(url);

export const lists = {
  commits: list('commits', (args: Args.QueryCommitsArgs) => ({
    ...times(args),
    repository: repository(args.repository),
    messagePrefix: args.messagePrefix ?? null,
    author: args.author ?? null,
    resolved: args.resolved ?? null,
  })),
  builds: list('builds', (args: Args.QueryBuildsArgs) => ({
    ...times(args),
    repository: repository(args.repository),
    state: args.state ?? null,
    namePrefix: args.namePrefix ?? null,
    resolved: args.resolved ?? null,
  })),
  artifacts: list('artifacts', (args: Args.QueryArtifactsArgs) => ({
    ...times(args),
    namePrefix: args.namePrefix ?? null,
    mediaType: args.mediaType ?? null,
    resolved: args.resolved ?? null,
  })),
  deployments: async (args: Args.QueryDeploymentsArgs, context: Context) => {
    const live = args.live ?? null;
    if (live === null && args.asOf != null) {
      throw new StemmaError('BAD_USER_INPUT', "'asOf' is read with 'live' only: give both.", {
        details: { path: 'asOf' },
      });
    }
    const at = toMoment(args.asOf);
    const filter = {
      ...times(args),
      ...{ live, at },
      environment: args.environment ?? null,
      service: args.service ?? null,
      state: args.state ?? null,
      namePrefix: args.namePrefix ?? null,
      resolved: args.resolved ?? null,
    };
    return page('deployments', context, args, filter, async ({ live, at, ...rest }, request) =>
      readDeployments(context, { live, at }, rest, request),
    );
  },
  latestDeployments: async (args: Args.QueryLatestDeploymentsArgs, context: Context) => {
    const { cursors, reader } = context;
    const filter = { environment: args.environment ?? null, service: args.service ?? null };
    const scope = JSON.stringify(['latestDeployments', filter]);
    const request = readPage<LatestPosition>(cursors, scope, args);
    const { items, more } = await reader.latestDeployments(filter, request);
    if (items.length === 0) await checkFilter(reader, filter);
    const times = new Map(items.map(({ entity, at }) => [entity.key, at]));
    const slice = { items: items.map(({ entity }) => entity), more };
    return toConnection(cursors, scope, request, slice, ({ key }) => ({
      at: times.get(key) ?? 0,
      key,
    }));
  },
  environments: list('environments', (args: Args.QueryEnvironmentsArgs) => ({
    namePrefix: args.namePrefix ?? null,
    scope: args.scope ?? null,
  })),
  packages: list('packages', (args: Args.QueryPackagesArgs) => ({
    purlType: args.purlType ?? null,
    namespace: args.namespace ?? null,
    namePrefix: args.namePrefix ?? null,
  })),
  vulnerabilities: list('vulnerabilities', (args: Args.QueryVulnerabilitiesArgs) => ({
    ...times(args),
    severity: args.severity ?? null,
    idPrefix: args.idPrefix ?? null,
    withdrawn: args.withdrawn ?? null,
    resolved: args.resolved ?? null,
  })),
};
