import type { Command } from 'commander';
import type { Client } from '../client.ts';
import { commitsBetween, commitsText, type CommitsBetween } from '../commits-between.ts';
import { CliError, EXIT } from '../exit.ts';
import { wholeNumber } from '../flags.ts';
import { thingText } from './get.ts';
import type { CliIo } from '../io.ts';
import { readLatest } from './log.ts';
import { hint, readAll } from '../questions.ts';
import {
  addWide,
  addWithin,
  deploymentOf,
  hasRun,
  keyText,
  RUNNING,
  RUNNING_PAGE,
  slotOf,
  timeText,
  type Running,
  type Width,
  type WithinFlags,
} from '../running.ts';
import { brief, safe } from '../text.ts';
import { notInside, readDependencyPaths } from './why.ts';

type BlameFlags = Width & WithinFlags & { readonly limit: number; readonly json?: boolean };

type Blame = {
  readonly packages: readonly string[];
  /** The earliest of the deployments in a row, up to the one that was asked about, that have the package. */
  readonly deployment: Running;
  /** What ran before that one; null where nothing is known to have. */
  readonly previous: Running | null;
  /** Whether it is known that the package was not there before. */
  readonly certain: boolean;
  /** Why not. */
  readonly doubt: string | null;
  readonly between: CommitsBetween | null;
};

const DEPLOYMENT = `query Deployment($id: ID!, $asOf: AsOf) { node(id: $id) { ... on Deployment { ${RUNNING} } } }`;

export function addBlame(program: Command, io: CliIo): void {
  const command = program
    .command('blame')
    .description('Show which deployment, build and commit brought a package.')
    .argument(
      '<deployment>',
      'a deployment, or a service or environment where one deployment is live',
    )
    .argument('<package>', 'a package URL with or without version, or the name of a package')
    .option('--limit <n>', 'look at this many earlier deployments', wholeNumber(1, 500), 50);
  addWide(addWithin(command))
    .addHelpText(
      'after',
      `
Looks back over what was deployed to the same environment, service and instance, as long as the package is inside.
Exit code 4 where the package is not inside, or is not known to be.

Examples:
  stemma blame acme/shop pkg:npm/lodash@4.17.20 --environment production
  stemma blame https://deploy.example.com#42 log4j-core --json`,
    )
    .action(async (ref: string, text: string, flags: BlameFlags) => {
      const { connect } = await import('../service.ts');
      const client = connect(io);
      const { id, label, key } = await deploymentOf(client, io, ref, flags.environment);
      if (label !== 'Deployment') {
        throw new CliError(
          'BAD_USER_INPUT',
          `${label} ${brief(key, 120)} is not a deployment: give one.`,
          {
            exitCode: EXIT.usage,
          },
        );
      }
      const found = await client.graphql<{ node: Running }>(DEPLOYMENT, { id });
      const blame = await findBlame(client, found.node, text, flags.limit);
      if (flags.json === true) {
        io.out(JSON.stringify(blame));
        return;
      }
      show(blame, flags, io);
      const [build] = blame.deployment.origin.builds.nodes;
      const what = build === undefined ? `gaps ${blame.deployment.key}` : `get ${build.key}`;
      hint(io, `stemma ${safe(what)}`);
    });
}

async function findBlame(
  client: Client,
  asked: Running,
  text: string,
  limit: number,
): Promise<Blame> {
  const inside = async ({ id }: Running) =>
    readDependencyPaths(client, { of: id, package: text, asOf: null, first: 1 });
  const own = await inside(asked);
  const packages = own.packages.nodes.map(({ key }) => key);
  if (packages.length === 0) throw notInside({ label: 'Deployment', key: asked.key }, text, own);

  const { earlier, more } = await readEarlier(client, asked, limit);
  let deployment = asked;
  for (const previous of earlier) {
    const then = await inside(previous);
    if (then.packages.nodes.length > 0) {
      deployment = previous;
      continue;
    }
    const doubt = then.complete
      ? null
      : `whether ${previous.key} had it is not known, because there is no complete SBOM of what it runs`;
    const between = await commitsBetween(client, previous, deployment, 10);
    return { packages, deployment, previous, certain: doubt === null, doubt, between };
  }
  const doubt = more ? 'there are earlier deployments that were not looked at (--limit)' : null;
  return { packages, deployment, previous: null, certain: doubt === null, doubt, between: null };
}

/** What ran in the same slot before, newest first. */
async function readEarlier(
  client: Client,
  asked: Running,
  limit: number,
): Promise<{ readonly earlier: Running[]; readonly more: boolean }> {
  const place = {
    environment: asked.environment?.key ?? null,
    service: asked.service?.key ?? null,
  };
  if (place.environment === null) return { earlier: [], more: false };
  const { items, more } = await readAll(
    limit * 2 + 20,
    async (first, after) => readLatest(client, place, first, after),
    RUNNING_PAGE,
  );
  const at = items.findIndex(({ key }) => key === asked.key);
  const slot = slotOf(asked);
  const earlier = (at === -1 ? [] : items.slice(at + 1)).filter(
    (one) => slotOf(one) === slot && hasRun(one),
  );
  return { earlier: earlier.slice(0, limit), more: more || at === -1 || earlier.length > limit };
}

function show(
  { packages, deployment, previous, doubt, between }: Blame,
  flags: BlameFlags,
  io: CliIo,
) {
  const key = keyText(io, flags);
  const { builds, commits, builders } = deployment.origin;
  io.out(io.paint('bold', packages.map(safe).join(', ')));
  const since = timeText(io, deployment.createdAt ?? deployment.completedAt);
  io.out(`came with  Deployment ${safe(deployment.key)} (${since})`);
  for (const build of builds.nodes) io.out(`built by   ${thingText(build)}`);
  for (const builder of builders.nodes) io.out(`on         ${thingText(builder)}`);
  for (const commit of commits.nodes)
    io.out(`from       ${thingText({ ...commit, key: key(commit) })}`);
  if (builds.nodes.length === 0) io.err('Nobody says which build made it.');
  if (previous === null) {
    if (doubt === null) io.out('before     nothing is known to have run there');
  } else {
    io.out(`before     Deployment ${safe(previous.key)}: ${commitsText(between)}`);
    for (const { subject, entity } of between?.commits ?? []) {
      io.out(`    ${key({ key: subject })}  ${brief(entity?.name ?? '', 100)}`.trimEnd());
    }
  }
  if (doubt !== null) io.err(`It may have come earlier: ${safe(doubt)}.`);
}
