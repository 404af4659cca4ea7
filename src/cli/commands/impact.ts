import type { Command } from 'commander';
import { wholeNumber } from '../flags.ts';
import { printIncidents, type IncidentItem } from '../impact-table.ts';
import type { CliIo } from '../io.ts';
import { THING } from './get.ts';
import {
  addMoment,
  asOf,
  COMPLETENESS,
  hint,
  idOf,
  PATH,
  sayMore,
  sayTruncated,
  warnOf,
  type Completeness,
  type MomentFlags,
} from '../questions.ts';
import { addWide, widened, type Width } from '../running.ts';
import { safe } from '../text.ts';

/** So many environments or services are named in the totals. */
const MOST_GROUPS = 5;

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

type Items = {
  readonly nodes: readonly IncidentItem[];
  readonly pageInfo: { readonly hasNextPage: boolean };
};

type Group = {
  readonly environment: { readonly key: string } | null;
  readonly service: { readonly key: string } | null;
  readonly affected: number;
  readonly notAffected: number;
  readonly unknown: number;
};

type Impact = {
  readonly total: number;
  readonly affectedCount: number;
  readonly notAffectedCount: number;
  readonly unknownCount: number;
  readonly environments: readonly Group[];
  readonly services: readonly Group[];
  readonly affected: Items;
  readonly notAffected: Items;
  readonly unknown: Items;
  readonly truncated: boolean;
  readonly completeness: Completeness;
};

const PLACES = 'environment { key name } service { key name }';
const ITEM = `deployment { ${THING} ${PLACES} liveSince(asOf: $asOf) origin(asOf: $asOf) { versions } }
  reason disputed detail path { ${PATH} } why @include(if: $why) { rule text claims(first: 3) { claim claimant knownFrom } }`;
const MADE = `origin(asOf: $asOf) { builds(first: 1) { nodes { ${THING} } } commits(first: 1) { nodes { ${THING} } } }`;
const MATCHES = `matches(first: 1) { totalCount nodes {
  thing { ${THING} } version fixedIn otherPaths dependencyPath { explained path { nodes { ${THING} } } }
  introduced { at unknownBefore deployment { ${THING} ${MADE} } } } }`;
const FIXES = `liveFixes(first: 2) { totalCount nodes { deployment { ${THING} ${PLACES} } version { ${THING} } } }`;
const page = (fields: string) => `pageInfo { hasNextPage } nodes { ${fields} }`;
const COUNTS = 'affected notAffected unknown';
const QUERY = `query Impact($of: ID!, $versions: [String!], $range: String, $environments: [String!], $onlyLive: Boolean!, $asOf: AsOf, $first: Int!, $why: Boolean!) {
  impact(of: $of, versions: $versions, range: $range, environments: $environments, onlyLive: $onlyLive, asOf: $asOf) {
    total affectedCount notAffectedCount unknownCount
    environments: groups(by: ENVIRONMENT) { environment { key } ${COUNTS} }
    services: groups(by: SERVICE) { service { key } ${COUNTS} }
    affected(first: $first) { ${page(`${ITEM} claimants ${MATCHES} ${FIXES}`)} }
    unknown(first: $first) { ${page(`${ITEM} claimants ${MATCHES}`)} }
    notAffected(first: $first) { ${page(`${ITEM} claimants`)} }
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
For each live deployment: service, environment, version, since when it is live, what of it is meant, and the first version that is not
affected any more; below it, through which dependencies that came in, with which deployment, build and commit, and where a fix is live.
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
      else show(impact, flags, widened(io, flags));
    });
}

function show(impact: Impact, flags: ImpactFlags, io: CliIo): void {
  const { environments, services } = impact;
  const groups = [
    ['AFFECTED', impact.affectedCount, impact.affected],
    ['UNKNOWN', impact.unknownCount, impact.unknown],
    ['NOT AFFECTED', impact.notAffectedCount, impact.notAffected],
  ] as const;
  io.out(io.paint('bold', groups.map(([title, count]) => `${title}: ${count}`).join(', ')));
  if (environments.length > 1) sum('by environment', environments, io);
  if (services.length > 1) sum('by service', services, io);
  for (const [title, count, { nodes }] of groups) {
    if (count === 0) continue;
    io.out(io.paint('bold', `${title}: ${count}`));
    printIncidents(nodes, io);
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

/** The groups that have something affected or unknown, worst first. */
function sum(title: string, groups: readonly Group[], io: CliIo): void {
  const open = groups.filter(({ affected, unknown }) => affected + unknown > 0);
  const texts = open.slice(0, MOST_GROUPS).map(({ environment, service, affected, unknown }) => {
    const counts = [
      ...(affected > 0 ? [`${affected} affected`] : []),
      ...(unknown > 0 ? [`${unknown} unknown`] : []),
    ];
    return `${environment?.key ?? service?.key ?? 'none stated'} ${counts.join(' ')}`;
  });
  const more = open.length - texts.length;
  if (texts.length > 0)
    io.out(`  ${title}: ${safe(texts.join('; '))}${more > 0 ? `; and ${more} more` : ''}`);
}
