import type { Command } from 'commander';
import { wholeNumber } from '../flags.ts';
import { THING, type Thing } from './get.ts';
import type { CliIo } from '../io.ts';
import { PAGE_INFO, printTable, readAll, sayMore, type Connection } from '../questions.ts';

const QUERY = `query Unresolved($label: String, $first: Int!, $after: String) {
  unresolved(label: $label, first: $first, after: $after) { nodes { ${THING} } ${PAGE_INFO} }
}`;

export function addUnresolved(program: Command, io: CliIo): void {
  program
    .command('unresolved')
    .description('List what is referred to and was never stated.')
    .option('--kind <kind>', 'only this kind, such as Commit')
    .option('--limit <n>', 'at most this many', wholeNumber(1, 1_000_000), 100)
    .addHelpText(
      'after',
      `
Examples:
  stemma unresolved --kind Commit
  stemma unresolved --limit 100000 --json`,
    )
    .action(async (flags: { kind?: string; limit: number; json?: boolean }) => {
      const { connect } = await import('../service.ts');
      const client = connect(io);
      const { items, more } = await readAll(flags.limit, async (first, after) => {
        const variables = { label: flags.kind ?? null, first, after };
        const answer = await client.graphql<{ unresolved: Connection<Thing> }>(QUERY, variables);
        return answer.unresolved;
      });
      if (flags.json === true) {
        io.out(JSON.stringify({ things: items, more }));
        return;
      }
      printTable(
        items.map(({ label, key, name }) => [label, key, name ?? '']),
        io,
      );
      if (items.length === 0) io.err('Everything that is referred to was stated.');
      sayMore(more, io);
    });
}
