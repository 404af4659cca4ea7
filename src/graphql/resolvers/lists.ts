import { StemmaError } from '../../errors.ts';
import {
  listTime,
  type LatestPosition,
  type ListFilters,
  type ListOrder,
  type ListPage,
  type ListPosition,
} from '../../graph/read/lists.ts';
import type { EntityRecord, Slice } from '../../graph/read/records.ts';
import { repositoryKey } from '../../model/keys.ts';
import {
  askDeployments,
  askLatestDeployments,
  askList,
  countDeployments,
  countList,
} from '../../questions/ask/lists.ts';
import { deploymentState } from '../../model/states.ts';
import type * as Args from '../__generated__/resolvers.ts';
import { toMoment, toMs } from '../arguments.ts';
import type { Context } from '../context.ts';
import { readPage, toConnection, type Connection, type PageArguments } from '../pages.ts';

type Span = { readonly since?: string | null; readonly until?: string | null };

type ListArguments = PageArguments & { readonly orderBy?: ListOrder | null };

/** A page of a list of things. */
async function page<F>(
  name: string,
  { cursors }: Context,
  args: ListArguments,
  filter: F,
  read: (filter: F, page: ListPage) => Promise<Slice<EntityRecord>>,
): Promise<Connection<EntityRecord>> {
  const order = args.orderBy ?? 'KEY';
  const scope = JSON.stringify([name, order, filter]);
  const request = { ...readPage<ListPosition>(cursors, scope, args), order };
  return toConnection(cursors, scope, request, await read(filter, request), positionOf);
}

function positionOf(entity: EntityRecord): ListPosition {
  return { key: entity.key, at: listTime(entity) };
}

/** The resolver of a list that the graph reads as it is asked for. */
function list<N extends keyof ListFilters, A extends ListArguments>(
  name: N,
  filterOf: (args: A) => ListFilters[N],
) {
  return async (args: A, context: Context) => {
    const filter = filterOf(args);
    return {
      ...(await page(name, context, args, filter, async (asked, request) =>
        askList(context.reader, name, asked, request),
      )),
      count: async (upTo: number) => countList(context.reader, name, filter, upTo),
    };
  };
}

/** The states of the deployments of which something was withdrawn: '' where none is left. */
async function standingStates(history: Context['history']): Promise<Record<string, string>> {
  const lives = [...((await history?.standing(null)) ?? [])];
  return Object.fromEntries(lives.map(([key, life]) => [key, deploymentState(life) ?? '']));
}

const ANY_DEPLOYMENT = {
  ...{ since: null, until: null, resolved: null },
  ...{ state: null, states: {}, namePrefix: null },
};

const times = ({ since, until }: Span) => ({ since: toMs(since), until: toMs(until) });
const listOf = (name: string | null | undefined) =>
  name === null || name === undefined ? null : [name];
const repositories = (url: string | null | undefined) =>
  listOf(url)?.map((one) => repositoryKey(one)) ?? null;

export const lists = {
  commits: list('commits', (args: Args.QueryCommitsArgs) => ({
    ...times(args),
    repositories: repositories(args.repository),
    messagePrefix: args.messagePrefix ?? null,
    author: args.author ?? null,
    resolved: args.resolved ?? null,
  })),
  builds: list('builds', (args: Args.QueryBuildsArgs) => ({
    ...times(args),
    repositories: repositories(args.repository),
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
    const at = await toMoment(args.asOf, context);
    const filter = {
      ...times(args),
      ...{ live, at },
      environments: listOf(args.environment),
      services: listOf(args.service),
      state: args.state ?? null,
      namePrefix: args.namePrefix ?? null,
      resolved: args.resolved ?? null,
    };
    const withStates = async () => ({
      ...filter,
      states: filter.state === null ? {} : await standingStates(context.history),
    });
    return {
      ...(await page('deployments', context, args, filter, async (_, request) =>
        askDeployments(context.reader, await withStates(), request, positionOf),
      )),
      count: async (upTo: number) => countDeployments(context.reader, await withStates(), upTo),
    };
  },
  latestDeployments: async (args: Args.QueryLatestDeploymentsArgs, context: Context) => {
    const { cursors, reader } = context;
    const filter = { environments: listOf(args.environment), services: listOf(args.service) };
    const scope = JSON.stringify(['latestDeployments', filter]);
    const request = readPage<LatestPosition>(cursors, scope, args);
    const { items, more } = await askLatestDeployments(reader, filter, request);
    const times = new Map(items.map(({ entity, at }) => [entity.key, at]));
    const slice = { items: items.map(({ entity }) => entity), more };
    return {
      ...toConnection(cursors, scope, request, slice, ({ key }) => ({
        at: times.get(key) ?? 0,
        key,
      })),
      count: async (upTo: number) =>
        countList(reader, 'deployments', { ...ANY_DEPLOYMENT, ...filter }, upTo),
    };
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
  workflows: list('workflows', (args: Args.QueryWorkflowsArgs) => ({
    ...times({ since: args.since ?? null, until: args.startedBefore ?? null }),
    state: args.state ?? null,
    namePrefix: args.namePrefix ?? null,
    stuck: args.stuck ?? null,
    resolved: args.resolved ?? null,
  })),
};
