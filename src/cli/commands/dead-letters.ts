import { Option, type Command } from 'commander';
import { CliError, EXIT, usage } from '../exit.ts';
import { wholeNumber } from '../flags.ts';
import type { CliIo } from '../io.ts';
import { PAGE_INFO, printTable, readAll, sayMore, sayNone, type Connection } from '../questions.ts';
import { brief, safe } from '../text.ts';

type Letter = {
  readonly id: string;
  readonly state: string;
  readonly code: string;
  readonly reason: string;
  readonly attempts: number;
  readonly firstAt: string;
  readonly lastAt: string;
  readonly position: number;
  readonly type: string | null;
  readonly source: string | null;
  readonly eventId: string | null;
  readonly body?: string;
  readonly replayedAs: number | null;
  readonly discardReason: string | null;
};

type FilterFlags = {
  readonly state?: string;
  readonly code?: string;
  readonly type?: string;
  readonly source?: string;
  readonly since?: string;
  readonly until?: string;
};
type Result = { readonly id: string; readonly outcome: string; readonly position: number | null };

const FIELDS =
  'id state code reason attempts firstAt lastAt position acceptedAt type source eventId replayedAs discardReason decidedAt';
const LIST = `query DeadLetters($filter: DeadLetterFilter, $first: Int!, $after: String) {
  deadLetters(filter: $filter, first: $first, after: $after) { nodes { ${FIELDS} } ${PAGE_INFO} }
}`;
const SHOW = `query DeadLetter($id: ID!) { deadLetter(id: $id) { ${FIELDS} body } }`;
const RESULT = 'id: deadLetterId outcome position: replayedAs';
const REPLAY = `mutation Replay($ids: [ID!], $filter: DeadLetterFilter, $limit: Int!) {
  replayDeadLetters(ids: $ids, filter: $filter, limit: $limit) { ${RESULT} }
}`;
const DISCARD = `mutation Discard($ids: [ID!]!, $reason: String!) {
  discardDeadLetters(ids: $ids, reason: $reason) { ${RESULT} }
}`;

export function addDeadLetters(program: Command, io: CliIo): void {
  const group = program
    .command('dead-letters')
    .description('Look at events that could not be applied, replay them, or give them up.')
    .addHelpText(
      'after',
      `
Examples:
  stemma dead-letters list
  stemma dead-letters show 1700000000000-0
  stemma dead-letters replay --code HANDLER_FAILED
  stemma dead-letters discard 1700000000000-0 --reason 'sent by a test' --yes`,
    );
  const client = async () => (await import('../service.ts')).connect(io);

  withFilter(group.command('list').description('List them, newest first.'))
    .option('--limit <n>', 'at most this many, the newest', wholeNumber(1, 100_000), 50)
    .addHelpText('after', '\nExamples:\n  stemma dead-letters list --state open --json')
    .action(async (flags: FilterFlags & { limit: number; json?: boolean }) => {
      const service = await client();
      const { items, more } = await readAll(flags.limit, async (first, after) => {
        const variables = { filter: filterOf(flags), first, after };
        return (await service.graphql<{ deadLetters: Connection<Letter> }>(LIST, variables))
          .deadLetters;
      });
      if (flags.json === true) {
        io.out(JSON.stringify({ deadLetters: items, more }));
        return;
      }
      printTable(
        items.map(({ id, lastAt, state, attempts, code, type, reason }) => [
          ...[id, lastAt, state, attempts, code, type ?? '-', brief(reason, 120)],
        ]),
        io,
      );
      const { state, code, type, source, since, until } = flags;
      if (items.length === 0) {
        sayNone('There is no dead letter', { state, code, type, source, since, until }, io);
      }
      sayMore(more, io);
    });

  group
    .command('show')
    .description('Show one of them, with the event as it was received.')
    .argument('<id>', 'id of the dead letter')
    .addHelpText('after', '\nExamples:\n  stemma dead-letters show 1700000000000-0')
    .action(async (id: string, flags: { json?: boolean }) => {
      const { deadLetter } = await (
        await client()
      ).graphql<{ deadLetter: Letter | null }>(SHOW, { id });
      if (deadLetter === null) {
        throw new CliError('NOT_FOUND', `There is no dead letter '${brief(id, 80)}'.`, {
          exitCode: EXIT.notFound,
        });
      }
      if (flags.json === true) io.out(JSON.stringify(deadLetter));
      else {
        for (const [field, value] of Object.entries(deadLetter)) {
          if (value !== null) io.out(`${field}: ${safe(String(value))}`);
        }
      }
    });

  withFilter(
    group
      .command('replay')
      .description('Publish them again, each once.')
      .argument('[ids...]', 'ids of dead letters; left out: those of the filter'),
  )
    .option('--limit <n>', 'with a filter: at most this many, the newest', wholeNumber(1, 500), 100)
    .addHelpText(
      'after',
      '\nExamples:\n  stemma dead-letters replay --type build.completed --since 2026-11-20T00:00:00Z',
    )
    .action(async (ids: string[], flags: FilterFlags & { limit: number; json?: boolean }) => {
      const filter = filterOf(flags);
      if ((ids.length === 0) === (Object.keys(filter).length === 0)) {
        throw usage('Say which: give ids, or a filter such as --code or --state open.');
      }
      const { replayDeadLetters } = await (
        await client()
      ).graphql<{ replayDeadLetters: Result[] }>(REPLAY, {
        ids: ids.length === 0 ? null : ids,
        filter: ids.length === 0 ? filter : null,
        limit: flags.limit,
      });
      report(replayDeadLetters, 'REPLAYED', flags.json === true, io);
    });

  group
    .command('discard')
    .description('Give them up. They stay to be seen.')
    .argument('<ids...>', 'ids of dead letters')
    .requiredOption('--reason <text>', 'why, for those who look later')
    .option('--yes', 'do it: without this it is only said what would be done')
    .addHelpText(
      'after',
      "\nExamples:\n  stemma dead-letters discard 1700000000000-0 --reason 'sent by a test' --yes",
    )
    .action(async (ids: string[], flags: { reason: string; yes?: boolean; json?: boolean }) => {
      if (flags.yes !== true) {
        throw usage(`${ids.length} dead letters would be given up: say --yes to do it.`);
      }
      const variables = { ids, reason: flags.reason };
      const answer = await (
        await client()
      ).graphql<{ discardDeadLetters: Result[] }>(DISCARD, variables);
      report(answer.discardDeadLetters, 'DISCARDED', flags.json === true, io);
    });
}

function withFilter(command: Command): Command {
  return command
    .addOption(
      new Option('--state <state>', 'only in this state').choices([
        'open',
        'replayed',
        'discarded',
      ]),
    )
    .option('--code <code>', 'only with this error code')
    .option('--type <type>', 'only events of this type')
    .option('--source <uri>', 'only events from this source')
    .option('--since <time>', 'only from this time on (RFC 3339)')
    .option('--until <time>', 'only before this time (RFC 3339)');
}

function filterOf({
  state,
  code,
  type,
  source,
  since,
  until,
}: FilterFlags): Record<string, string> {
  const all = { state: state?.toUpperCase(), code, type, source, since, until };
  return Object.fromEntries(
    Object.entries(all).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}

/** Exit code 1 where not all of them were done. */
function report(results: readonly Result[], wanted: string, isJson: boolean, io: CliIo): void {
  if (results.some(({ outcome }) => outcome !== wanted)) io.exitWith(EXIT.unexpected);
  if (isJson) io.out(JSON.stringify({ results }));
  else
    printTable(
      results.map(({ id, outcome, position }) => [id, outcome, position ?? '']),
      io,
    );
}
