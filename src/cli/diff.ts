import type { Command } from 'commander';
import { formatOption, printExport, type ExportName } from './export.ts';
import { wholeNumber } from './flags.ts';
import type { CliIo } from './io.ts';
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
} from './questions.ts';
import { brief } from './text.ts';

type DiffFlags = MomentFlags & {
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
    .description('Show what changed between two artifacts or deployments.')
    .argument('<from>', 'the older artifact or deployment')
    .argument('<to>', 'the newer one')
    .option('--limit <n>', 'at most this many changes', wholeNumber(1, 100_000), 200);
  addMoment(command)
    .addOption(formatOption())
    .addHelpText(
      'after',
      `
Examples:
  stemma diff sha256:9f86d0… sha256:1b2c3d…
  stemma diff https://deploy.example.com#41 https://deploy.example.com#42 --json`,
    )
    .action(async (from: string, to: string, flags: DiffFlags) => {
      const { connect } = await import('./service.ts');
      const client = connect(io);
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
