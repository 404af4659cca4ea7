import type { Command } from 'commander';
import { wholeNumber } from '../flags.ts';
import { THING, type Thing } from './get.ts';
import type { CliIo } from '../io.ts';
import { PAGE_INFO, printTable, readAll, sayMore, type Connection } from '../questions.ts';

const QUERY = `query Search($text: String!, $kinds: [String!], $first: Int!, $after: String) {
  search(text: $text, kinds: $kinds, first: $first, after: $after) { nodes { ${THING} } ${PAGE_INFO} }
}`;

export function addSearch(program: Command, io: CliIo): void {
  program
    .command('search')
    .description(
      'Find things by the beginning of their id, or by the words of their name or message.',
    )
    .argument(
      '<text...>',
      'words, or the beginning of a digest, commit id, package URL or advisory id',
    )
    .option('--kind <kind...>', 'only these kinds, such as Artifact')
    .option('--limit <n>', 'at most this many, the best', wholeNumber(1, 10_000), 20)
    .addHelpText(
      'after',
      `
Exit code 4 where nothing is found.

Examples:
  stemma search slsa verifier
  stemma search 44ee --kind Commit
  stemma search pkg:npm/lodash --json`,
    )
    .action(async (words: string[], flags: { kind?: string[]; limit: number; json?: boolean }) => {
      const { connect } = await import('../service.ts');
      const client = connect(io);
      const { items, more } = await readAll(flags.limit, async (first, after) => {
        const variables = { text: words.join(' '), kinds: flags.kind ?? null, first, after };
        const answer = await client.graphql<{ search: Connection<Thing> }>(QUERY, variables);
        return answer.search;
      });
      if (items.length === 0) io.exitWith(4);
      if (flags.json === true) {
        io.out(JSON.stringify({ things: items, more }));
        return;
      }
      printTable(
        items.map(({ label, key, name }) => [label, key, name === key ? '' : (name ?? '')]),
        io,
      );
      if (items.length === 0) io.err('Nothing is called that.');
      sayMore(more, io);
    });
}
