import type { Command } from 'commander';
import type { Client } from '../client.ts';
import { CliError, EXIT } from '../exit.ts';
import { wholeNumber } from '../flags.ts';
import { THING, type Thing } from './get.ts';
import type { CliIo } from '../io.ts';
import {
  addMoment,
  asOf,
  COMPLETENESS,
  hint,
  PATH,
  pathLines,
  sayTruncated,
  warnOf,
  type Completeness,
  type MomentFlags,
  type Path,
} from '../questions.ts';
import {
  addWide,
  addWithin,
  deploymentOf,
  thingsText,
  type Width,
  type WithinFlags,
} from '../running.ts';
import { brief, safe } from '../text.ts';

type WhyFlags = MomentFlags &
  Width &
  WithinFlags & { readonly limit: number; readonly json?: boolean };

export type DependencyPaths = {
  readonly complete: boolean;
  readonly packages: { readonly nodes: readonly Thing[] };
  readonly paths: {
    readonly totalCount: number;
    readonly nodes: readonly {
      readonly claim: string;
      readonly explained: boolean;
      readonly path: Path;
    }[];
  };
  readonly nearest: readonly string[];
  readonly truncated: boolean;
  readonly completeness: Completeness;
};

const QUERY = `query Why($of: ID!, $package: String!, $asOf: AsOf, $first: Int!) {
  dependencyPaths(of: $of, package: $package, asOf: $asOf) {
    complete nearest truncated ${COMPLETENESS}
    packages(first: 100) { nodes { ${THING} } }
    paths(first: $first) { totalCount nodes { claim explained path { ${PATH} } } }
  }
}`;

export async function readDependencyPaths(
  client: Client,
  variables: {
    readonly of: string;
    readonly package: string;
    readonly asOf: object | null;
    readonly first: number;
  },
): Promise<DependencyPaths> {
  return (await client.graphql<{ dependencyPaths: DependencyPaths }>(QUERY, variables))
    .dependencyPaths;
}

export function addWhy(program: Command, io: CliIo): void {
  const command = program
    .command('why')
    .description('Show through what a package comes into a deployment.')
    .argument(
      '<deployment>',
      'a deployment or artifact, or a service or environment where one deployment is live',
    )
    .argument('<package>', 'a package URL with or without version, or the name of a package')
    .option('--limit <n>', 'at most this many ways, shortest first', wholeNumber(1, 500), 10);
  addWide(addMoment(addWithin(command)))
    .addHelpText(
      'after',
      `
A way goes from the deployment over a direct dependency to the package, as one document (SBOM) says it.
Exit code 4 where the package is not inside, or is not known to be.

Examples:
  stemma why acme/shop log4j-core --environment production
  stemma why https://deploy.example.com#42 pkg:npm/lodash@4.17.20 --json`,
    )
    .action(async (ref: string, text: string, flags: WhyFlags) => {
      const { connect } = await import('../service.ts');
      const client = connect(io);
      const root = await deploymentOf(client, io, ref, flags.environment);
      const variables = { of: root.id, package: text, asOf: asOf(flags), first: flags.limit };
      const answer = await readDependencyPaths(client, variables);
      if (answer.packages.nodes.length === 0) throw notInside(root, text, answer);
      if (flags.json === true) {
        io.out(JSON.stringify(answer));
        return;
      }
      show(answer, flags, io);
      hint(io, 'stemma blame, which tells the deployment, build and commit that brought it.');
    });
}

/** Whether that is a no or an unknown depends on what is known of the contents. */
export function notInside(
  { label, key }: Pick<Thing, 'label' | 'key'>,
  text: string,
  { complete, nearest }: Pick<DependencyPaths, 'complete' | 'nearest'>,
): CliError {
  const what = `'${brief(text, 120)}'`;
  const where = `${label} ${brief(key, 160)}`;
  const near = nearest.length === 0 ? '' : ` The nearest inside: ${nearest.map(safe).join(', ')}.`;
  const message = complete
    ? `${what} is not inside of ${where}.${near}`
    : `Whether ${what} is inside of ${where} is not known: no complete SBOM says so.${near}`;
  return new CliError('NOT_FOUND', message, { exitCode: EXIT.notFound });
}

function show({ paths, truncated, completeness }: DependencyPaths, width: Width, io: CliIo): void {
  const text = thingsText(io, width);
  for (const [at, { claim, explained, path }] of paths.nodes.entries()) {
    if (at > 0) io.out('');
    for (const line of pathLines(path, '', text)) io.out(line);
    const source = /^[0-9a-f]{64}$/.test(claim) ? `document sha256:${claim}` : `event ${claim}`;
    const silent = explained ? '' : ', which does not say what depends on it';
    io.out(io.paint('dim', `  according to ${safe(source)}${silent}`));
  }
  const rest = paths.totalCount - paths.nodes.length;
  if (rest > 0) io.err(`There are ${rest} more ways: ask with a greater --limit.`);
  sayTruncated(truncated, io);
  warnOf(completeness, io);
}
