import { setTimeout as delay } from 'node:timers/promises';
import type { Command } from 'commander';
import { StemmaError } from '../../errors.ts';
import type { Client } from '../client.ts';
import { EXIT } from '../exit.ts';
import { wholeNumber } from '../flags.ts';
import type { CliIo } from '../io.ts';
import { sayNone } from '../questions.ts';
import { brief, safe } from '../text.ts';

type LoggedEvent = {
  readonly id: string;
  readonly position: number;
  readonly eventId: string;
  readonly source: string;
  readonly type: string;
  readonly subject: string | null;
  readonly time: string | null;
  readonly effectiveTime: string;
  readonly acceptedAt: string;
  readonly correlationId: string | null;
  readonly causationId: string | null;
  readonly workflowId: string | null;
  readonly outcome: string | null;
  readonly data: unknown;
};

type Page = {
  readonly edges: readonly { readonly cursor: string; readonly node: LoggedEvent }[];
  readonly pageInfo: { readonly hasNextPage: boolean };
};

type EventFlags = {
  readonly type?: string;
  readonly source?: string;
  readonly subject?: string;
  readonly since?: string;
  readonly until?: string;
  readonly correlation?: string;
  readonly causation?: string;
  readonly workflow?: string;
  readonly outcome?: string;
  readonly limit: number;
  readonly follow?: boolean;
  readonly interval: number;
  readonly json?: boolean;
};

const FIELDS =
  'id position eventId source type subject time effectiveTime acceptedAt correlationId causationId workflowId outcome data';

const NEWEST = `query Events($type: String, $source: String, $subject: String, $since: DateTime, $until: DateTime, $correlationId: String,
  $causationId: String, $workflowId: String, $outcome: String, $first: Int!, $after: String) {
  events(type: $type, source: $source, subject: $subject, since: $since, until: $until, correlationId: $correlationId,
    causationId: $causationId, workflowId: $workflowId, outcome: $outcome, order: NEWEST_FIRST, first: $first, after: $after) {
    pageInfo { hasNextPage }
    edges { cursor node { ${FIELDS} } }
  }
}`;

const PAGE = 500;

export function addEvents(program: Command, io: CliIo): void {
  program
    .command('events')
    .description('List the log, oldest of the newest first, or follow it.')
    .option('--type <type>', 'only of this type, such as build.completed')
    .option('--source <uri>', 'only from this source')
    .option(
      '--subject <ref>',
      "only about this: a global id, Label:key, or the event's own subject",
    )
    .option('--since <time>', 'only from this time on (RFC 3339)')
    .option('--until <time>', 'only before this time (RFC 3339)')
    .option('--correlation <id>', 'only with this correlation id')
    .option('--causation <id>', 'only caused by this event')
    .option('--workflow <id>', 'only of this workflow')
    .option('--outcome <word>', 'only with this outcome, such as success')
    .option('--limit <n>', 'at most this many, the newest', wholeNumber(0, 1_000_000), 50)
    .option('-f, --follow', 'go on with what comes in, until Ctrl-C')
    .option(
      '--interval <ms>',
      'with --follow: how long to wait before it connects again',
      wholeNumber(10, 600_000),
      1_000,
    )
    .addHelpText(
      'after',
      `
With --json one object { "events": […] }; with --follow as well, one event per line.

Examples:
  stemma events --type build.completed --outcome failure --since 2026-11-20T00:00:00Z
  stemma events --follow --json --limit 0 | jq .type
  stemma events --subject Artifact:sha256:9f86d0…`,
    )
    .action(async (flags: EventFlags) => {
      const { connect } = await import('../service.ts');
      const client = connect(io);
      if (flags.follow === true) {
        await follow(client, flags, io);
        return;
      }
      const events = await readNewest(client, flags);
      if (flags.json === true) io.out(JSON.stringify({ events }));
      else for (const event of events) io.out(lineOf(event));
      if (events.length === 0 && flags.json !== true && flags.limit > 0) {
        const { type, source, subject, outcome, correlation, causation, workflow } = flags;
        const given = { type, source, subject, outcome, correlation, causation, workflow };
        sayNone('There is no event', { ...given, since: flags.since, until: flags.until }, io);
      }
    });
}

/** The newest events, oldest first. */
async function readNewest(client: Client, flags: EventFlags): Promise<LoggedEvent[]> {
  const events: LoggedEvent[] = [];
  let after: string | null = null;
  while (events.length < flags.limit) {
    const first = Math.min(PAGE, flags.limit - events.length);
    const page: Page = await readPage(client, flags, first, after);
    events.push(...page.edges.map(({ node }) => node));
    after = page.edges.at(-1)?.cursor ?? null;
    if (!page.pageInfo.hasNextPage || after === null) break;
  }
  return events.reverse();
}

const WATCH = `subscription Follow($filter: EventFilter, $after: Position) {
  events(filter: $filter, after: $after) { position event { ${FIELDS} } }
}`;

type Watched = {
  readonly events: { readonly position: number; readonly event: LoggedEvent | null };
};

/**
 * Prints the newest events and what comes in until Ctrl-C, in the order of the positions, each event once and none left out, whatever
 * becomes of the service meanwhile.
 */
async function follow(client: Client, flags: EventFlags, io: CliIo): Promise<void> {
  const signal = io.interrupted();
  const print = (event: LoggedEvent): void => {
    io.out(flags.json === true ? JSON.stringify(event) : lineOf(event));
  };
  const { source, subject, outcome } = flags;
  const { correlation: correlationId, causation: causationId, workflow: workflowId } = flags;
  const filter = {
    ...(flags.type === undefined ? {} : { types: [flags.type] }),
    ...{ source, subject, outcome, correlationId, causationId, workflowId },
  };
  let after: number | null = null;
  try {
    for (;;) {
      try {
        const items: AsyncGenerator<Watched> = client.subscribe<Watched>(
          WATCH,
          { filter, after },
          signal,
        );
        for await (const { events: item } of items) {
          // everything up to the first place is in the graph, and what comes behind it is told
          if (after === null) {
            const newest = await readNewest(client, flags);
            newest.filter(({ position }) => position <= item.position).forEach(print);
          }
          if (item.event !== null && isWithin(item.event, flags)) print(item.event);
          after = item.position;
        }
      } catch (error) {
        if (!(error instanceof StemmaError && PASSING.has(error.code))) throw error;
        io.progress(error.message);
      }
      await delay(flags.interval, undefined, { signal });
      io.progress('');
    }
  } catch (error) {
    if (!signal.aborted) throw error;
    io.exitWith(EXIT.interrupted);
  }
}

/** After these it goes on where it was. */
const PASSING: ReadonlySet<string> = new Set([
  'DEPENDENCY_UNAVAILABLE',
  'BACKPRESSURE',
  'SLOW_CONSUMER',
]);

function isWithin({ effectiveTime }: LoggedEvent, { since, until }: EventFlags): boolean {
  const at = Date.parse(effectiveTime);
  return (
    (since === undefined || at >= Date.parse(since)) &&
    (until === undefined || at < Date.parse(until))
  );
}

async function readPage(
  client: Client,
  flags: EventFlags,
  first: number,
  after: string | null,
): Promise<Page> {
  const { type, source, subject, since, until, outcome } = flags;
  const { correlation: correlationId, causation: causationId, workflow: workflowId } = flags;
  const filter = {
    type,
    source,
    subject,
    since,
    until,
    outcome,
    correlationId,
    causationId,
    workflowId,
  };
  const answer = await client.graphql<{ events: Page }>(NEWEST, {
    ...filter,
    first,
    after,
  });
  return answer.events;
}

function lineOf({
  position,
  effectiveTime,
  type,
  source,
  subject,
  eventId,
  outcome,
}: LoggedEvent): string {
  const about = subject ?? eventId;
  const cells = [String(position), effectiveTime, type, source, brief(about, 120), outcome ?? ''];
  return cells
    .map((cell) => safe(cell))
    .join('\t')
    .trimEnd();
}
