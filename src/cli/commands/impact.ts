import type { Command } from 'commander';
import { wholeNumber } from '../flags.ts';
import type { CliIo } from '../io.ts';
import {
  addMoment,
  asOf,
  COMPLETENESS,
  DEPLOYMENT,
  deploymentText,
  hint,
  idOf,
  PATH,
  pathLines,
  sayMore,
  sayTruncated,
  warnOf,
  type Completeness,
  type DeploymentThing,
  type MomentFlags,
  type Path,
} from '../questions.ts';
import { addWide, thingsText, type Width } from '../running.ts';
import { safe } from '../text.ts';

type ImpactFlags = MomentFlags &
  Width & {
    readonly environment?: string[];
    readonly versions?: string[];
    readonly range?: string;
    readonly past?: boolean;
    readonly limit: number;
    readonly why?: boolean;
    readonly json?: boolean;
  };

type Item = {
  readonly deployment: DeploymentThing;
  readonly reason: string;
  readonly disputed: boolean;
  readonly path: Path | null;
  readonly detail: string | null;
  readonly why?: readonly Evidence[];
};
type Evidence = {
  readonly text: string;
  readonly claims: readonly { readonly claim: string; readonly knownFrom: number | null }[];
};
type Items = {
  readonly nodes: readonly Item[];
  readonly pageInfo: { readonly hasNextPage: boolean };
};

type Impact = {
  readonly total: number;
  readonly affectedCount: number;
  readonly notAffectedCount: number;
  readonly unknownCount: number;
  readonly affected: Items;
  readonly notAffected: Items;
  readonly unknown: Items;
  readonly truncated: boolean;
  readonly completeness: Completeness;
};

const ITEMS = `pageInfo { hasNextPage } nodes { ${DEPLOYMENT} reason disputed detail path { ${PATH} } why @include(if: $why) { rule text claims(first: 3) { claim claimant knownFrom } } }`;
const QUERY = `query Impact($of: ID!, $versions: [String!], $range: String, $environments: [String!], $onlyLive: Boolean!, $asOf: AsOf, $first: Int!, $why: Boolean!) {
  impact(of: $of, versions: $versions, range: $range, environments: $environments, onlyLive: $onlyLive, asOf: $asOf) {
    total affectedCount notAffectedCount unknownCount
    affected(first: $first) { ${ITEMS} }
    unknown(first: $first) { ${ITEMS} }
    notAffected(first: $first) { ${ITEMS} }
    truncated
    ${COMPLETENESS}
  }
}`;

export function addImpact(program: Command, io: CliIo): void {
  const command = program
    .command('impact')
    .description(
      'Show which deployments an advisory, package, artifact, commit, builder or signer reaches.',
    )
    .argument('<ref>', 'an advisory id, package URL, digest, commit id, builder or signer')
    .option('--environment <name...>', 'only deployments to these environments')
    .option('--versions <version...>', 'of a package: only these versions')
    .option(
      '--range <range>',
      'of a package: only versions in this range, VERS or as npm writes it',
    )
    .option('--past', 'deployments that are not live any more as well')
    .option('--why', 'for each, step by step, what the verdict rests on')
    .option('--limit <n>', 'at most this many deployments of each group', wholeNumber(1, 500), 50);
  addWide(addMoment(command))
    .addHelpText(
      'after',
      `
Exit code 3 where something is affected.

Examples:
  stemma impact CVE-2021-44228 --environment production
  stemma impact pkg:npm/lodash@4.17.20 --json
  stemma impact CVE-2021-44228 --why            with the documents and events that say so
  stemma impact pkg:npm/lodash --range '<4.17.21'
  stemma impact pkg:pypi/torch --range 'vers:pypi/>=2.0|<2.1.2'`,
    )
    .action(async (ref: string, flags: ImpactFlags) => {
      const { connect } = await import('../service.ts');
      const client = connect(io);
      const { impact } = await client.graphql<{ impact: Impact }>(QUERY, {
        of: await idOf(client, io, ref),
        versions: flags.versions ?? null,
        range: flags.range ?? null,
        environments: flags.environment ?? null,
        onlyLive: flags.past !== true,
        asOf: asOf(flags),
        first: flags.limit,
        why: flags.why === true,
      });
      if (impact.affectedCount > 0) io.exitWith(3);
      if (flags.json === true) io.out(JSON.stringify(impact));
      else show(impact, flags, io);
    });
}

/** The step, and what says so. */
function evidenceText({ text, claims }: Evidence): string {
  const said = claims.map(({ claim, knownFrom }) =>
    knownFrom === null ? claim : `${claim} at ${knownFrom}`,
  );
  return said.length === 0 ? text : `${text} (${said.join('; ')})`;
}

function show(impact: Impact, flags: ImpactFlags, io: CliIo): void {
  const text = thingsText(io, flags);
  const groups = [
    ['AFFECTED', impact.affectedCount, impact.affected],
    ['UNKNOWN', impact.unknownCount, impact.unknown],
    ['NOT AFFECTED', impact.notAffectedCount, impact.notAffected],
  ] as const;
  for (const [title, count, { nodes }] of groups) {
    io.out(io.paint('bold', `${title}: ${count}`));
    for (const { deployment, reason, disputed, path, detail, why } of nodes) {
      const notes = [reason.toLowerCase().replaceAll('_', ' '), ...(disputed ? ['disputed'] : [])];
      io.out(`  ${deploymentText(deployment, text)} [${notes.join(', ')}]`);
      if (why !== undefined) for (const one of why) io.out(`    ${safe(evidenceText(one))}`);
      else {
        if (detail !== null) io.out(`    ${safe(detail)}`);
        if (path !== null) for (const line of pathLines(path, '    ', text)) io.out(line);
      }
    }
  }
  sayMore(
    groups.some(([, , { pageInfo }]) => pageInfo.hasNextPage),
    io,
  );
  sayTruncated(impact.truncated, io);
  warnOf(impact.completeness, io);
  if (impact.total === 0) {
    const filter = [
      ...(flags.environment === undefined
        ? []
        : [`in ${flags.environment.map((name) => `'${name}'`).join(', ')}`]),
      ...(flags.at === undefined ? [] : [`at ${flags.at}`]),
      ...(flags.known === undefined ? [] : [`as far as was known at ${flags.known}`]),
    ];
    const kind =
      flags.past === true ? 'No deployment is known' : 'No deployment is known to be live';
    io.err(
      `${kind}${filter.map((one) => ` ${one}`).join('')}: there is nothing that could be affected.`,
    );
  } else if (flags.why !== true)
    hint(io, 'the same with --why, or stemma blame <deployment> <package>.');
}
