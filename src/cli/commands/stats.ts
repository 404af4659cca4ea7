import type { Command } from 'commander';
import { time, wholeNumber } from '../flags.ts';
import type { CliIo } from '../io.ts';
import { addMoment, asOf, printTable, type MomentFlags } from '../questions.ts';

type StatsFlags = {
  readonly since?: string;
  readonly until?: string;
  readonly days: number;
  readonly environment?: string;
  readonly timeZone: string;
  readonly json?: boolean;
} & MomentFlags;

type Statistics = {
  readonly since: string;
  readonly until: string;
  /** Of now only, like `unresolved` and `attestations`. */
  readonly things?: readonly { readonly label: string; readonly count: number }[];
  readonly events: readonly {
    readonly day: string;
    readonly type: string;
    readonly count: number;
  }[];
  readonly deployments: {
    readonly succeeded: number;
    readonly failed: number;
    readonly rolledBack: number;
    readonly perDay: number;
    readonly changeFailureRate: number | null;
    readonly medianLeadTimeSeconds: number | null;
    readonly complete: boolean;
  };
  readonly unresolved?: readonly {
    readonly label: string;
    readonly unresolved: number;
    readonly examined: number;
  }[];
  readonly attestations?: readonly { readonly trust: string; readonly count: number }[];
};

const QUERY = `query Statistics($since: DateTime!, $until: DateTime, $environment: String, $timeZone: String!, $asOf: AsOf, $isNow: Boolean!) {
  statistics(since: $since, until: $until, environment: $environment, timeZone: $timeZone, asOf: $asOf) {
    since until timeZone
    things @include(if: $isNow) { label count }
    events { day type count }
    deployments { succeeded failed rolledBack perDay changeFailureRate medianLeadTimeSeconds withCommit days { day succeeded failed } complete }
    unresolved @include(if: $isNow) { label unresolved examined }
    attestations @include(if: $isNow) { trust count }
  }
}`;
const DAY_MS = 86_400_000;

export function addStats(program: Command, io: CliIo): void {
  addMoment(program.command('stats'))
    .description(
      'Show figures: what there is, what came in, how often and how well things are deployed.',
    )
    .option('--days <n>', 'the last days', wholeNumber(1, 1_000), 30)
    .option('--since <time>', 'from this time on instead (a day, or RFC 3339)', time)
    .option('--until <time>', 'before this time (a day, or RFC 3339); left out: until now', time)
    .option('--time-zone <name>', 'whose days are counted, such as Europe/Berlin', 'UTC')
    .option('--environment <name>', 'deployments to this environment only')
    .addHelpText(
      'after',
      `
Examples:
  stemma stats --days 7 --environment production
  stemma stats --since 2026-11-01 --time-zone Europe/Berlin --json
  stemma stats --known 2026-11-20T18:00Z       events and deployments, as they were known then`,
    )
    .action(async (flags: StatsFlags) => {
      const { connect } = await import('../service.ts');
      const end = flags.until === undefined ? Date.now() : Date.parse(flags.until);
      const { statistics } = await connect(io).graphql<{ statistics: Statistics }>(QUERY, {
        since: flags.since ?? new Date(end - flags.days * DAY_MS).toISOString(),
        until: flags.until ?? null,
        environment: flags.environment ?? null,
        timeZone: flags.timeZone,
        ...{ asOf: asOf(flags), isNow: asOf(flags) === null },
      });
      if (flags.json === true) io.out(JSON.stringify(statistics));
      else show(statistics, io);
    });
}

function show(statistics: Statistics, io: CliIo): void {
  const { since, until, deployments, attestations } = statistics;
  const title = (text: string): void => {
    io.out(io.paint('bold', text));
  };
  if (statistics.things !== undefined) title('What there is');
  const unresolved = new Map(statistics.unresolved?.map((one) => [one.label, one]));
  const open = (label: string): string => {
    const one = unresolved.get(label);
    return one === undefined || one.unresolved === 0
      ? ''
      : `${one.unresolved} of ${one.examined} never stated`;
  };
  const things = (statistics.things ?? []).filter(({ count }) => count > 0);
  printTable(
    things.map(({ label, count }) => [`  ${label}`, count, open(label)]),
    io,
  );

  title(`Events from ${since} to ${until}`);
  const byType = Map.groupBy(statistics.events, ({ type }) => type);
  printTable(
    [...byType].map(([type, days]) => [
      `  ${type}`,
      days.reduce((sum, { count }) => sum + count, 0),
    ]),
    io,
  );

  title('Deployments');
  const { changeFailureRate: rate, medianLeadTimeSeconds: lead } = deployments;
  printTable(
    [
      ['  succeeded', `${deployments.succeeded} (${deployments.perDay.toFixed(2)} a day)`],
      ['  failed', deployments.failed],
      ['  rolled back', deployments.rolledBack],
      ['  change failure rate', rate === null ? '-' : `${(rate * 100).toFixed(1)} %`],
      ['  commit to deployment', lead === null ? '-' : `${durationText(lead)} (median)`],
    ],
    io,
  );
  if (attestations !== undefined) title('Attestations');
  printTable(
    (attestations ?? []).map(({ trust, count }) => [`  ${trust.toLowerCase()}`, count]),
    io,
  );
  if (!deployments.complete) io.err('There are more deployments than were looked at.');
}

function durationText(seconds: number): string {
  if (seconds < 120) return `${seconds.toFixed(0)} s`;
  if (seconds < 7_200) return `${(seconds / 60).toFixed(0)} min`;
  return seconds < 172_800
    ? `${(seconds / 3_600).toFixed(1)} h`
    : `${(seconds / 86_400).toFixed(1)} days`;
}
