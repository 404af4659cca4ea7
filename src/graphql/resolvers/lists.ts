import type { EntityRecord, PageRequest, Slice } from '../../graph/records.ts';
import { repositoryKey } from '../../model/keys.ts';
import type * as Args from '../__generated__/resolvers.ts';
import type { Context } from '../context.ts';
import { readDeployments } from '../live-deployments.ts';
import { readPage, toConnection, type Connection, type PageArguments } from '../pages.ts';
import { toMs } from './event.ts';

type Span = { readonly since?: string | null; readonly until?: string | null };

/** A page of a list of things, in the order of their keys. */
async function page<F>(
  name: string,
  { cursors }: Context,
  args: PageArguments,
  filter: F,
  read: (filter: F, page: PageRequest<string>) => Promise<Slice<EntityRecord>>,
): Promise<Connection<EntityRecord>> {
  const scope = JSON.stringify([name, filter]);
  const request = readPage<string>(cursors, scope, args);
  return toConnection(cursors, scope, request, await read(filter, request), ({ key }) => key);
}

const times = ({ since, until }: Span) => ({ since: toMs(since), until: toMs(until) });
const repository = (url: string | null | undefined) =>
  url === null || url === undefined ? null : repositoryKey(url);

export const lists = {
  commits: async (args: Args.QueryCommitsArgs, context: Context) =>
    page(
      'commits',
      context,
      args,
      {
        ...times(args),
        repository: repository(args.repository),
        messagePrefix: args.messagePrefix ?? null,
        author: args.author ?? null,
        resolved: args.resolved ?? null,
      },
      context.reader.commits,
    ),
  builds: async (args: Args.QueryBuildsArgs, context: Context) =>
    page(
      'builds',
      context,
      args,
      {
        ...times(args),
        repository: repository(args.repository),
        state: args.state ?? null,
        namePrefix: args.namePrefix ?? null,
        resolved: args.resolved ?? null,
      },
      context.reader.builds,
    ),
  artifacts: async (args: Args.QueryArtifactsArgs, context: Context) =>
    page(
      'artifacts',
      context,
      args,
      {
        ...times(args),
        namePrefix: args.namePrefix ?? null,
        mediaType: args.mediaType ?? null,
        resolved: args.resolved ?? null,
      },
      context.reader.artifacts,
    ),
  deployments: async (args: Args.QueryDeploymentsArgs, context: Context) =>
    page(
      'deployments',
      context,
      args,
      {
        ...times(args),
        live: args.live ?? null,
        environment: args.environment ?? null,
        service: args.service ?? null,
        state: args.state ?? null,
        namePrefix: args.namePrefix ?? null,
        resolved: args.resolved ?? null,
      },
      async ({ live, ...filter }, request) =>
        readDeployments(context.reader, live, filter, request),
    ),
  environments: async (args: Args.QueryEnvironmentsArgs, context: Context) =>
    page(
      'environments',
      context,
      args,
      {
        namePrefix: args.namePrefix ?? null,
        scope: args.scope ?? null,
      },
      context.reader.environments,
    ),
  packages: async (args: Args.QueryPackagesArgs, context: Context) =>
    page(
      'packages',
      context,
      args,
      {
        purlType: args.purlType ?? null,
        namespace: args.namespace ?? null,
        namePrefix: args.namePrefix ?? null,
      },
      context.reader.packages,
    ),
  vulnerabilities: async (args: Args.QueryVulnerabilitiesArgs, context: Context) =>
    page(
      'vulnerabilities',
      context,
      args,
      {
        ...times(args),
        severity: args.severity ?? null,
        idPrefix: args.idPrefix ?? null,
        withdrawn: args.withdrawn ?? null,
        resolved: args.resolved ?? null,
      },
      context.reader.vulnerabilities,
    ),
};
