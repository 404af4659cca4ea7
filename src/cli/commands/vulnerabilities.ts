import { Option, type Command } from 'commander';
import { wholeNumber } from '../flags.ts';
import type { CliIo } from '../io.ts';
import {
  addMoment,
  asOf,
  COMPLETENESS,
  hint,
  idOf,
  PAGE_INFO,
  readAll,
  sayMore,
  sayTruncated,
  warnOf,
  type Completeness,
  type Connection,
  type MomentFlags,
} from '../questions.ts';
import { brief, safe, toColumns } from '../text.ts';
import { addWide, widened, type Width } from '../running.ts';
import { THING, type Thing } from './get.ts';

const SEVERITIES = ['low', 'medium', 'high', 'critical'] as const;

type Flags = MomentFlags &
  Width & {
    readonly minSeverity?: (typeof SEVERITIES)[number];
    readonly cleared?: boolean;
    readonly limit: number;
    readonly json?: boolean;
  };

type Place = { readonly key: string; readonly name: string | null } | null;
type Subject = Thing & { readonly service?: Place; readonly environment?: Place };

type Finding = {
  readonly vulnerability: { readonly key: string; readonly summary: string | null };
  readonly names: readonly string[];
  readonly severity: string;
  readonly score: number | null;
  readonly affectedCount: number;
  readonly clearedCount: number;
  readonly unknownCount: number;
  readonly items: {
    readonly totalCount: number;
    readonly nodes: readonly {
      readonly subject: Subject;
      readonly verdict: string;
      readonly reason: string;
      readonly detail: string | null;
      readonly matches: {
        readonly nodes: readonly {
          readonly thing: Thing;
          readonly fixedIn: string | null;
        }[];
      };
    }[];
  };
};

type Unexamined = {
  readonly subject: Subject;
  readonly reason: string;
  readonly detail: string | null;
};

type Report = {
  readonly root: Thing;
  readonly total: number;
  readonly affectedCount: number;
  readonly severities: readonly { readonly severity: string; readonly count: number }[];
  readonly findings: Connection<Finding>;
  readonly unexamined: { readonly totalCount: number; readonly nodes: readonly Unexamined[] };
  readonly truncated: boolean;
  readonly completeness: Completeness;
};

const SUBJECT = `${THING} ... on Deployment { service { key name } environment { key name } }`;
const QUERY = `query Vulnerabilities($of: ID!, $asOf: AsOf, $minSeverity: Severity, $verdicts: [ImpactVerdict!], $first: Int!, $after: String) {
  vulnerabilityReport(of: $of, asOf: $asOf) {
    root { ${THING} } total affectedCount severities { severity count }
    findings(minSeverity: $minSeverity, verdicts: $verdicts, first: $first, after: $after) {
      ${PAGE_INFO}
      nodes {
        vulnerability { key summary } names severity score affectedCount clearedCount unknownCount
        items(first: 3) {
          totalCount
          nodes { subject { ${SUBJECT} } verdict reason detail matches(first: 1) { nodes { thing { ${THING} } fixedIn } } }
        }
      }
    }
    unexamined(first: 5) { totalCount nodes { subject { ${SUBJECT} } reason detail } }
    truncated
    ${COMPLETENESS}
  }
}`;

/** Findings in one request: each brings what it was found in. */
const PAGE = 50;

export function addVulnerabilities(program: Command, io: CliIo): void {
  const command = program
    .command('vulnerabilities')
    .alias('vulns')
    .description(
      'Show what is known to be wrong with what is live in an environment or of a service, worst first.',
    )
    .argument('<ref>', 'an environment, a service (scope/name), a deployment, or a digest')
    .addOption(
      new Option(
        '--min-severity <severity>',
        'only of this severity or worse; what nobody rates is shown all the same',
      ).choices(SEVERITIES),
    )
    .option('--cleared', 'what VEX statements clear as well')
    .option('--limit <n>', 'at most this many', wholeNumber(1, 10_000), 50);
  addWide(addMoment(command))
    .addHelpText(
      'after',
      `
For each vulnerability: severity and CVSS score, how many deployments it affects, of how many that cannot be told, the package, the first
version that is not affected any more, and where. Below: what nobody can judge, because its contents are not known.
Elsewhere than on a terminal the columns are separated by tabs. Exit code 3 where something is affected.

Examples:
  stemma vulnerabilities acme/production
  stemma vulnerabilities acme/production --min-severity high
  stemma vulnerabilities acme/checkout --json
  stemma vulnerabilities sha256:9f86d0… --cleared`,
    )
    .action(async (ref: string, flags: Flags) => {
      const { connect } = await import('../service.ts');
      const client = connect(io);
      const of = await idOf(client, io, ref);
      const reports: Report[] = [];
      const { items, more } = await readAll(
        flags.limit,
        async (first, after) => {
          const answer = await client.graphql<{ vulnerabilityReport: Report }>(QUERY, {
            ...{ of, first, after, asOf: asOf(flags) },
            minSeverity: flags.minSeverity?.toUpperCase() ?? null,
            verdicts: flags.cleared === true ? ['AFFECTED', 'UNKNOWN', 'NOT_AFFECTED'] : null,
          });
          reports.push(answer.vulnerabilityReport);
          return answer.vulnerabilityReport.findings;
        },
        PAGE,
      );
      const [whole] = reports;
      if (whole === undefined) return;
      if (whole.affectedCount > 0) io.exitWith(3);
      if (flags.json === true) {
        const findings = { nodes: items, pageInfo: { hasNextPage: more } };
        io.out(JSON.stringify({ ...whole, findings }));
      } else show(whole, items, more, widened(io, flags));
    });
}

const TITLES = [
  'SEVERITY',
  'SCORE',
  'VULNERABILITY',
  'AFFECTED',
  'UNKNOWN',
  'WHAT',
  'FIXED IN',
  'IN',
];
/** Columns of a terminal that the table fits into. */
const WIDTHS = [8, 5, 20, 8, 7, 30, 12, 20];

function show(report: Report, findings: readonly Finding[], more: boolean, io: CliIo): void {
  const { total, affectedCount, severities, unexamined, root } = report;
  const what = { Artifact: 'artifact', Deployment: 'deployment' }[root.label] ?? 'live deployment';
  const counts = severities.map(({ severity, count }) => `${severity} ${count}`).join(', ');
  io.out(
    io.paint(
      'bold',
      `${affectedCount} of ${total} ${total === 1 ? what : `${what}s`} affected${counts === '' ? '' : `: ${counts}`}`,
    ),
  );
  const rows = findings.map(cellsOf);
  if (rows.length > 0 && io.isTerminal) {
    const cells = [TITLES, ...rows].map((row) =>
      row.map((cell, at) => (io.columns === Infinity ? safe(cell) : brief(cell, WIDTHS[at] ?? 0))),
    );
    const [titles = '', ...lines] = toColumns(cells, io.columns);
    io.out(io.paint('dim', `  ${titles}`.trimEnd()));
    for (const line of lines) io.out(`  ${line}`.trimEnd());
  } else for (const row of rows) io.out(`  ${row.map(safe).join('\t')}`.trimEnd());
  if (unexamined.totalCount > 0) {
    io.out(io.paint('bold', `Not examined, or not completely: ${unexamined.totalCount}`));
    for (const { subject, reason, detail } of unexamined.nodes) {
      const why = `${reason.toLowerCase().replaceAll('_', ' ')}${detail === null ? '' : `: ${detail}`}`;
      const line = `${subject.key} (${placeOf(subject)}) ${why}`;
      io.out(`  ${io.isTerminal ? brief(line, Math.max(60, io.columns - 2)) : safe(line)}`);
    }
    const others = unexamined.totalCount - unexamined.nodes.length;
    if (others > 0) io.out(`  … and ${others} more`);
  }
  sayMore(more, io);
  sayTruncated(report.truncated, io);
  warnOf(report.completeness, io);
  if (total === 0) io.err(`Nothing is known to be live of ${root.key}.`);
  else if (findings.length === 0) io.err('Nothing is known to be wrong with what was examined.');
  const [first] = findings;
  if (first !== undefined) hint(io, `stemma impact ${safe(first.vulnerability.key)} --why`);
}

function cellsOf(finding: Finding): string[] {
  const { severity, score, vulnerability, affectedCount, unknownCount, items } = finding;
  const [item] = items.nodes;
  const [match] = item?.matches.nodes ?? [];
  const places = [...new Set(items.nodes.map(({ subject }) => placeOf(subject)))];
  const others = items.totalCount - items.nodes.length;
  return [
    severity.toLowerCase(),
    score === null ? '-' : score.toFixed(1),
    vulnerability.key,
    String(affectedCount),
    String(unknownCount),
    match === undefined
      ? (item?.reason.toLowerCase().replaceAll('_', ' ') ?? '-')
      : match.thing.key.replace(/^pkg:[^/]+\//, '').replace(/[?#].*$/, ''),
    match?.fixedIn ?? '-',
    `${places.join(', ')}${others > 0 ? `, and ${others} more` : ''}`,
  ];
}

function placeOf({ service, environment, label, name, key }: Subject): string {
  if (label !== 'Deployment') return name ?? key;
  return service?.name ?? service?.key ?? environment?.key ?? key;
}
