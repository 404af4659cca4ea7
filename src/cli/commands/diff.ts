import type { Command } from 'commander';
import { formatOption, printExport, type ExportName } from './export.ts';
import type { Client } from '../client.ts';
import { usage } from '../exit.ts';
import { time, timeOrNow, wholeNumber } from '../flags.ts';
import type { CliIo } from '../io.ts';
import {
  addMoment,
  asOf,
  COMPLETENESS,
  idOf,
  PAGE_INFO,
  printTable,
  readAll,
  sayMore,
  sayTruncated,
  warnOf,
  type Completeness,
  type Connection,
  type MomentFlags,
} from '../questions.ts';
import { addWide } from '../running.ts';
import { brief } from '../text.ts';

type DiffFlags = MomentFlags & {
  readonly from?: string;
  readonly to?: string;
  readonly wide?: boolean;
  readonly limit: number;
  readonly format?: ExportName;
  readonly json?: boolean;
};

type Change = {
  readonly kind: string;
  readonly subject: string;
  readonly before: readonly string[];
  readonly after: readonly string[];
};

type Diff = {
  readonly totals: readonly {
    readonly kind: string;
    readonly added: number;
    readonly removed: number;
    readonly changed: number;
  }[];
  readonly changes: Connection<Change>;
  readonly ranking: readonly {
    readonly change: Change;
    readonly score: number;
    readonly why: string;
  }[];
  readonly truncated: boolean;
  readonly completeness: Completeness;
};

const CHANGE = 'kind subject before after';
const QUERY = `query Diff($from: ID!, $to: ID!, $asOf: AsOf, $first: Int!, $after: String) {
  diff(from: $from, to: $to, asOf: $asOf) {
    totals { kind added removed changed }
    changes(first: $first, after: $after) { nodes { ${CHANGE} } ${PAGE_INFO} }
    ranking(first: 10) { score why change { ${CHANGE} } }
    truncated
    ${COMPLETENESS}
  }
}`;

export function addDiff(program: Command, io: CliIo): void {
  const command = program
    .command('diff')
    .description(
      'Show what changed between two artifacts or deployments, or in an environment over a time.',
    )
    .argument('<from>', 'the older artifact or deployment, or an environment')
    .argument('[to]', 'the newer artifact or deployment')
    .option('--from <time>', 'of an environment: since this time (a day, or RFC 3339)', time)
    .option('--to <time>', 'of an environment: until this time, or now', timeOrNow)
    .option('--limit <n>', 'at most this many changes', wholeNumber(1, 100_000), 200);
  addWide(addMoment(command))
    .addOption(formatOption())
    .addHelpText(
      'after',
      `
Examples:
  stemma diff sha256:9f86d0… sha256:1b2c3d…
  stemma diff production --from 2026-11-18 --to now
  stemma diff https://deploy.example.com#41 https://deploy.example.com#42 --json`,
    )
    .action(async (from: string, to: string | undefined, flags: DiffFlags) => {
      const { connect } = await import('../service.ts');
      const client = connect(io);
      if (to === undefined) {
        await overTime(client, from, flags, io);
        return;
      }
      if (flags.from !== undefined || flags.to !== undefined) {
        throw usage('--from and --to are times of one environment: leave out the second argument.');
      }
      const ends = { from: await idOf(client, io, from), to: await idOf(client, io, to) };
      if (flags.format !== undefined) {
        const variables = { of: ends.from, comparedWith: ends.to, asOf: asOf(flags) };
        await printExport(client, io, flags.format, variables);
        return;
      }
      const answers: Diff[] = [];
      const { items, more } = await readAll(flags.limit, async (first, after) => {
        const variables = { ...ends, asOf: asOf(flags), first, after };
        const { diff } = await client.graphql<{ diff: Diff }>(QUERY, variables);
        answers.push(diff);
        return diff.changes;
      });
      const [answer] = answers;
      if (answer === undefined) return;
      if (flags.json === true) io.out(JSON.stringify({ ...answer, changes: items, more }));
      else show(answer, items, more, io);
    });
}

async function overTime(
  client: Client,
  environment: string,
  { from, to, at, known, limit, format, wide, json }: DiffFlags,
  io: CliIo,
): Promise<void> {
  if (from === undefined) {
    throw usage('Give a second artifact or deployment, or of an environment --from with a time.');
  }
  if (at !== undefined || format !== undefined) {
    throw usage('--at and --format are of two artifacts or deployments: leave them out.');
  }
  const { diffEnvironment, showEnvironmentDiff } = await import('./diff-environment.ts');
  const answer = await diffEnvironment(client, {
    ...{ environment, from, known, limit },
    to: to === 'now' ? undefined : to,
  });
  if (json === true) io.out(JSON.stringify(answer));
  else showEnvironmentDiff(answer, { wide: wide === true }, io);
}

function show(
  { totals, ranking, truncated, completeness }: Omit<Diff, 'changes'>,
  changes: readonly Change[],
  more: boolean,
  io: CliIo,
): void {
  if (changes.length === 0) io.err('Nothing changed, as far as is known.');
  printTable(
    totals
      .filter(({ added, removed, changed }) => added + removed + changed > 0)
      .map(({ kind, added, removed, changed }) => [
        kind,
        `+${added}`,
        `-${removed}`,
        `~${changed}`,
      ]),
    io,
  );
  if (ranking.length > 0) io.out(io.paint('bold', 'Most unusual:'));
  for (const { change, why } of ranking) io.out(`  ${changeText(change)}: ${brief(why, 200)}`);
  if (changes.length > 0) io.out(io.paint('bold', 'Changes:'));
  for (const change of changes) io.out(`  ${changeText(change)}`);
  sayMore(more, io);
  sayTruncated(truncated, io);
  warnOf(completeness, io);
}

function changeText({ kind, subject, before, after }: Change): string {
  const what = `${kind} ${brief(subject, 120)}`;
  const sides = [before.join(', '), after.join(', ')].map((side) => brief(side, 80));
  if (before.length === 0) return `+ ${what} ${sides[1] ?? ''}`.trimEnd();
  if (after.length === 0) return `- ${what} ${sides[0] ?? ''}`.trimEnd();
  return `~ ${what} ${sides.join(' -> ')}`;
}
