import type { Command } from 'commander';
import { usage } from '../exit.ts';
import { wholeNumber } from '../flags.ts';
import { THING, thingText, type Thing } from './get.ts';
import type { CliIo } from '../io.ts';
import {
  addMoment,
  asOf,
  COMPLETENESS,
  idOf,
  sayMore,
  sayTruncated,
  warnOf,
  type Completeness,
  type MomentFlags,
} from '../questions.ts';
import { brief } from '../text.ts';

type GapFlags = MomentFlags & {
  readonly environment?: string;
  readonly materials?: boolean;
  readonly limit: number;
  readonly json?: boolean;
};

type Report = {
  readonly total: number;
  readonly gaps: {
    readonly nodes: readonly {
      readonly kind: string;
      readonly at: Thing;
      readonly missing: string | null;
    }[];
    readonly pageInfo: { readonly hasNextPage: boolean };
  };
  readonly hops: {
    readonly nodes: readonly {
      readonly artifact: Thing;
      readonly slsaBuildLevel: number;
      readonly claimedLevel: number;
      readonly reason: string;
    }[];
    readonly pageInfo: { readonly hasNextPage: boolean };
  };
  readonly truncated: boolean;
  readonly completeness: Completeness;
};

const QUERY = `query Gaps($of: ID, $environment: String, $materials: Boolean!, $asOf: AsOf, $first: Int!) {
  gaps(of: $of, environment: $environment, materials: $materials, asOf: $asOf) {
    total
    gaps(first: $first) { nodes { kind missing at { ${THING} } } pageInfo { hasNextPage } }
    hops(first: $first) { nodes { artifact { ${THING} } slsaBuildLevel claimedLevel trust reason } pageInfo { hasNextPage } }
    truncated
    ${COMPLETENESS}
  }
}`;

export function addGaps(program: Command, io: CliIo): void {
  const command = program
    .command('gaps')
    .description('Show where the chain from a deployment or artifact back to its source is broken.')
    .argument('[ref]', 'an artifact, package version or deployment')
    .option('--environment <name>', 'everything that is live in this environment instead')
    .option('--materials', 'of what it was built with as well')
    .option('--limit <n>', 'at most this many gaps', wholeNumber(1, 500), 100);
  addMoment(command)
    .addHelpText(
      'after',
      `
Exit code 3 where there is a gap.

Examples:
  stemma gaps sha256:9f86d0…
  stemma gaps --environment production --json`,
    )
    .action(async (ref: string | undefined, flags: GapFlags) => {
      if ((ref === undefined) === (flags.environment === undefined)) {
        throw usage('Say what to look at: give a reference or --environment.');
      }
      const { connect } = await import('../service.ts');
      const client = connect(io);
      const { gaps } = await client.graphql<{ gaps: Report }>(QUERY, {
        of: ref === undefined ? null : await idOf(client, io, ref),
        environment: flags.environment ?? null,
        materials: flags.materials ?? false,
        asOf: asOf(flags),
        first: flags.limit,
      });
      if (gaps.total > 0) io.exitWith(3);
      if (flags.json === true) io.out(JSON.stringify(gaps));
      else show(gaps, io);
    });
}

function show({ total, gaps, hops, truncated, completeness }: Report, io: CliIo): void {
  io.out(io.paint('bold', `Gaps: ${total}`));
  for (const { kind, at, missing } of gaps.nodes) {
    io.out(`  ${kind} at ${thingText(at)}${missing === null ? '' : ` (no ${missing})`}`);
  }
  if (hops.nodes.length > 0) io.out(io.paint('bold', 'SLSA build level by artifact:'));
  for (const { artifact, slsaBuildLevel, reason } of hops.nodes) {
    io.out(`  L${slsaBuildLevel} ${thingText(artifact)}: ${brief(reason, 160)}`);
  }
  sayMore(gaps.pageInfo.hasNextPage || hops.pageInfo.hasNextPage, io);
  sayTruncated(truncated, io);
  warnOf(completeness, io);
}
