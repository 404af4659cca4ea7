import type { Command } from 'commander';
import { wholeNumber } from '../flags.ts';
import { THING, thingText, type Thing } from './get.ts';
import type { CliIo } from '../io.ts';
import {
  addMoment,
  asOf,
  COMPLETENESS,
  DEPLOYMENT,
  deploymentText,
  idOf,
  sayMore,
  sayTruncated,
  warnOf,
  type Completeness,
  type DeploymentThing,
  type MomentFlags,
} from '../questions.ts';

type CompromiseFlags = MomentFlags & {
  readonly from: string;
  readonly to: string;
  readonly environment?: string[];
  readonly past?: boolean;
  readonly limit: number;
  readonly json?: boolean;
};

type Compromise = {
  readonly taintedCount: number;
  readonly cleanRebuildCount: number;
  readonly tainted: {
    readonly nodes: readonly {
      readonly deployment: DeploymentThing;
      readonly cleanRebuild: boolean;
    }[];
    readonly pageInfo: { readonly hasNextPage: boolean };
  };
  readonly rebuildCount: number;
  readonly rebuild: {
    readonly nodes: readonly Thing[];
    readonly pageInfo: { readonly hasNextPage: boolean };
  };
  readonly exact: boolean;
  readonly notCleared: readonly Thing[];
  readonly truncated: boolean;
  readonly completeness: Completeness;
};

const QUERY = `query Compromise($of: ID!, $between: TimeSpan!, $environments: [String!], $onlyLive: Boolean!, $asOf: AsOf, $first: Int!) {
  compromise(of: $of, between: $between, environments: $environments, onlyLive: $onlyLive, asOf: $asOf) {
    taintedCount cleanRebuildCount rebuildCount exact
    tainted(first: $first) { nodes { ${DEPLOYMENT} cleanRebuild } pageInfo { hasNextPage } }
    rebuild(first: $first) { nodes { ${THING} } pageInfo { hasNextPage } }
    notCleared { ${THING} }
    truncated
    ${COMPLETENESS}
  }
}`;

export function addCompromise(program: Command, io: CliIo): void {
  const command = program
    .command('compromise')
    .description(
      'Show what follows if a builder, signer, package version or commit was bad for a time.',
    )
    .argument('<ref>', 'a builder, signer, package version or commit')
    .requiredOption('--from <time>', 'beginning of the bad time (RFC 3339)')
    .requiredOption('--to <time>', 'end of the bad time (RFC 3339)')
    .option('--environment <name...>', 'only deployments to these environments')
    .option('--past', 'deployments that are not live any more as well')
    .option('--limit <n>', 'at most this many of each list', wholeNumber(1, 500), 50);
  addMoment(command)
    .addHelpText(
      'after',
      `
Exit code 3 where a deployment is tainted.

Examples:
  stemma compromise https://ci.example.com/runner-7 --from 2026-11-01T00:00:00Z --to 2026-11-03T00:00:00Z`,
    )
    .action(async (ref: string, flags: CompromiseFlags) => {
      const { connect } = await import('../service.ts');
      const client = connect(io);
      const { compromise } = await client.graphql<{ compromise: Compromise }>(QUERY, {
        of: await idOf(client, io, ref),
        between: { from: flags.from, to: flags.to },
        environments: flags.environment ?? null,
        onlyLive: flags.past !== true,
        asOf: asOf(flags),
        first: flags.limit,
      });
      if (compromise.taintedCount > 0) io.exitWith(3);
      if (flags.json === true) io.out(JSON.stringify(compromise));
      else show(compromise, io);
    });
}

function show(answer: Compromise, io: CliIo): void {
  const { tainted, rebuild, notCleared } = answer;
  const clean = `${answer.cleanRebuildCount} of them with a clean rebuild`;
  io.out(io.paint('bold', `Tainted deployments: ${answer.taintedCount} (${clean})`));
  for (const { deployment, cleanRebuild } of tainted.nodes) {
    io.out(`  ${deploymentText(deployment)}${cleanRebuild ? ' [clean rebuild exists]' : ''}`);
  }
  const enough = answer.truncated
    ? 'enough in the part that was read, others may have to be as well'
    : 'enough to clear them, maybe not the fewest';
  const exactly = answer.exact ? 'the fewest that clear them' : enough;
  io.out(io.paint('bold', `Artifacts to rebuild: ${answer.rebuildCount} (${exactly})`));
  for (const artifact of rebuild.nodes) io.out(`  ${thingText(artifact)}`);
  if (notCleared.length > 0) io.out(io.paint('bold', 'No rebuild clears:'));
  for (const deployment of notCleared) io.out(`  ${thingText(deployment)}`);
  sayMore(tainted.pageInfo.hasNextPage || rebuild.pageInfo.hasNextPage, io);
  sayTruncated(answer.truncated, io);
  warnOf(answer.completeness, io);
}
