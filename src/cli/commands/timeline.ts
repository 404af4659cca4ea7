import type { Command } from 'commander';
import { wholeNumber } from '../flags.ts';
import type { CliIo } from '../io.ts';
import { idOf, PAGE_INFO, printTable, readAll, sayMore, type Connection } from '../questions.ts';

type TimelineEvent = {
  readonly effectiveTime: string;
  readonly type: string;
  readonly source: string;
  readonly subject: string | null;
  readonly eventId: string;
  readonly outcome: string | null;
  readonly subjectEntity: { readonly label: string; readonly key: string } | null;
};

type Timeline = Connection<TimelineEvent> & { readonly truncated: boolean };

const QUERY = `query Timeline($of: ID!, $first: Int!, $after: String) {
  timeline(of: $of, first: $first, after: $after) {
    nodes { id position eventId source type subject subjectEntity { label key } effectiveTime outcome }
    ${PAGE_INFO}
    truncated
  }
}`;

export function addTimeline(program: Command, io: CliIo): void {
  program
    .command('timeline')
    .description(
      'List the events about a thing and what is around it, in the order in which they happened.',
    )
    .argument('<ref>', 'a digest, commit id, package URL, URL, or id of a build or deployment')
    .option('--limit <n>', 'at most this many, the first', wholeNumber(1, 100_000), 200)
    .addHelpText(
      'after',
      `
Examples:
  stemma timeline sha256:9f86d0…
  stemma timeline https://deploy.example.com#42 --json`,
    )
    .action(async (ref: string, flags: { limit: number; json?: boolean }) => {
      const { connect } = await import('../service.ts');
      const client = connect(io);
      const of = await idOf(client, io, ref);
      const cuts: boolean[] = [];
      const { items, more } = await readAll(flags.limit, async (first, after) => {
        const answer = await client.graphql<{ timeline: Timeline }>(QUERY, { of, first, after });
        cuts.push(answer.timeline.truncated);
        return answer.timeline;
      });
      const truncated = cuts.includes(true);
      if (flags.json === true) {
        io.out(JSON.stringify({ events: items, more, truncated }));
        return;
      }
      printTable(items.map(cellsOf), io);
      if (items.length === 0) io.err('No event about it is known: it is only referred to.');
      if (truncated) io.err('It has more relations or events than were looked at.');
      sayMore(more, io);
    });
}

function cellsOf(event: TimelineEvent): string[] {
  const { effectiveTime, type, subjectEntity, subject, eventId, outcome, source } = event;
  const about =
    subjectEntity === null ? (subject ?? eventId) : `${subjectEntity.label} ${subjectEntity.key}`;
  return [effectiveTime, type, outcome ?? '', about, source];
}
