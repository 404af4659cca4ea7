import type { Command } from 'commander';
import { addDefinitionCommands } from '../definition-commands.ts';
import { declaredOf } from '../declared.ts';
import { readDefinitions, wrong } from '../definition-file.ts';
import { CliError } from '../exit.ts';
import { time, wholeNumber } from '../flags.ts';
import type { CliIo } from '../io.ts';
import { PAGE_INFO, readAll, type Connection } from '../questions.ts';
import { brief, safe } from '../text.ts';
import type { PastEvent } from '../watch-test.ts';

type TestFlags = { readonly since?: string; readonly limit: number; readonly json?: boolean };

const EVENTS = `query Past($type: String!, $since: DateTime, $first: Int!, $after: String) {
  events(type: $type, since: $since, first: $first, after: $after) {
    nodes { source eventId effectiveTime outcome body subjectEntity { label key } }
    ${PAGE_INFO}
  }
}`;

export function addWatch(program: Command, io: CliIo): void {
  const group = program
    .command('watch')
    .description('Look at watches, and try them on past events.')
    .addHelpText(
      'after',
      `
Watches are defined by stemma apply.

Examples:
  stemma apply -f watches.yaml
  stemma watch test watches.yaml --since 2026-11-20
  stemma watch list
  stemma events --type watch.action.failed`,
    );
  addDefinitionCommands(group, io, {
    ...{ word: 'watch', plural: 'watches', acts: 'act', fields: 'types when action' },
  });

  group
    .command('test')
    .description(
      'Show what the watches of a file would have done about past events, and why not. Nothing is sent.',
    )
    .argument('<file>', 'YAML, as stemma apply takes it; - is standard input')
    .option('--since <time>', 'events of this time or later (a day, or RFC 3339)', time)
    .option(
      '--limit <n>',
      'at most this many events of each type, the newest',
      wholeNumber(1, 100_000),
      500,
    )
    .addHelpText('after', '\nExamples:\n  stemma watch test watches.yaml --since 2026-11-20')
    .action(async (file: string, flags: TestFlags) => {
      const declared = (await readDefinitions(file, io))
        .map(declaredOf)
        .filter(({ kind }) => kind === 'Watch');
      if (declared.length === 0) throw wrong(file, 'has no document of kind Watch');
      const { tryWatch } = await import('../watch-test.ts');
      const service = (await import('../service.ts')).connect(io);
      const events = async (type: string): Promise<readonly PastEvent[]> => {
        try {
          const { items } = await readAll(flags.limit, async (first, after) => {
            const variables = { type, since: flags.since ?? null, first, after };
            return (await service.graphql<{ events: Connection<PastEvent> }>(EVENTS, variables))
              .events;
          });
          return items;
        } catch (error) {
          if (!(error instanceof CliError) || error.code !== 'NOT_FOUND') throw error;
          io.err(`No event of the type ${type} has happened yet.`);
          return [];
        }
      };
      for (const { name, version, value } of declared) {
        const tried = await tryWatch({ ...fieldsOf(value), name, version: version ?? 1 }, events);
        for (const { event, verdict, action, reason } of tried) {
          if (flags.json === true) {
            const { source, eventId } = event;
            io.out(JSON.stringify({ watch: name, source, eventId, verdict, action, reason }));
            continue;
          }
          const what = action === null ? (reason ?? '') : JSON.stringify(action);
          io.out(
            [
              name,
              verdict,
              brief(`${event.source} ${event.eventId}`, 120),
              brief(safe(what), 400),
            ].join('\t'),
          );
        }
        const acted = tried.filter(({ verdict }) => verdict === 'ACTS').length;
        io.err(`${name}: would have acted on ${acted} of ${tried.length} events.`);
      }
    });
}

/** Without what only says what a document is. */
function fieldsOf(value: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(value).filter(([field]) => field !== 'kind'));
}
