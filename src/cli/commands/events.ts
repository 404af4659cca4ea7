import { setTimeout as delay } from 'node:timers/promises';
import type { Command } from 'commander';
import type { Client } from '../client.ts';
import { EXIT } from '../exit.ts';
import { wholeNumber } from '../flags.ts';
import type { CliIo } from '../io.ts';
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

type Page<T> = {
  readonly edges: readonly { readonly cursor: string; readonly node: T }[];
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

const queryOf = (fields: string): string =>
  `query Events($type: String, $source: String, $subject: String, $since: DateTime, $until: DateTime, $correlationId: String,
  $causationId: String, $workflowId: String, $outcome: String, $first: Int!, $after: String) {
  events(type: $type, source: $source, subject: $subject, since: $since, until: $until, correlationId: $correlationId,
    causationId: $causationId, workflowId: $workflowId, outcome: $outcome, order: NEWEST_FIRST, first: $first, after: $after) {
    pageInfo { hasNextPage }
    edges { cursor node { ${fields} } }
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
    .option('--interval <ms>', 'with --follow: how often to look', wholeNumber(10, 600_000), 1_000)
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
    });
}

/** The newest events, oldest first. */
async function readNewest(client: Client, flags: EventFlags): Promise<LoggedEvent[]> {
  const events: LoggedEvent[] = [];
  let after: string | null = null;
  while (events.length < flags.limit) {
    const first = Math.min(PAGE, flags.limit - events.length);
    const page: Page<LoggedEvent> = await readPage<LoggedEvent>(
      client,
      flags,
      FIELDS,
      first,
      after,
    );
    events.push(...page.edges.map(({ node }) => node));
    after = page.edges.at(-1)?.cursor ?? null;
    if (!page.pageInfo.hasNextPage || after === null) break;
  }
  return events.reverse();
}

/** How many known events each look goes back over: writers finish in any order, so a smaller position may come later. */
const WINDOW = 1_000;

/**
 * Prints what comes in until Ctrl-C, each event once and none left out; in the order of the positions within each look.
 */
async function follow(client: Client, flags: EventFlags, io: CliIo): Promise<void> {
  const signal = io.interrupted();
  const print = (events: readonly LoggedEvent[]): void => {
    for (const event of events) io.out(flags.json === true ? JSON.stringify(event) : lineOf(event));
  };
  try {
    // looked at first: what comes while the newest are read is printed by them or by the first look, and known to both
    const known = new Set(
      (await look(client, flags, new Set(), WINDOW)).map(({ position }) => position),
    );
    const newest = await readNewest(client, flags);
    for (const { position } of newest) known.add(position);
    print(newest);
    for (;;) {
      await delay(flags.interval, undefined, { signal });
      const fresh = await look(client, flags, known, Infinity);
      for (let at = 0; at < fresh.length; at += PAGE) {
        print(await readEvents(client, fresh.slice(at, at + PAGE)));
      }
    }
  } catch (error) {
    if (!signal.aborted) throw error;
    io.exitWith(EXIT.interrupted);
  }
}

type Seen = { readonly id: string; readonly position: number };

/** What is new among the newest events, smallest position first; adds it to the known and forgets what no look reaches again. */
async function look(
  client: Client,
  flags: EventFlags,
  known: Set<number>,
  enough: number,
): Promise<Seen[]> {
  const fresh: Seen[] = [];
  let passed = 0;
  let after: string | null = null;
  for (;;) {
    const page: Page<Seen> = await readPage<Seen>(client, flags, 'id position', PAGE, after);
    for (const { node } of page.edges) {
      if (known.has(node.position)) passed += 1;
      else fresh.push(node);
    }
    after = page.edges.at(-1)?.cursor ?? null;
    if (passed >= WINDOW || fresh.length >= enough) break;
    if (!page.pageInfo.hasNextPage || after === null) break;
  }
  for (const { position } of fresh) known.add(position);
  if (known.size > 4 * WINDOW) {
    for (const position of [...known].sort((a, b) => b - a).slice(2 * WINDOW))
      known.delete(position);
  }
  return fresh.reverse();
}

async function readEvents(client: Client, seen: readonly Seen[]): Promise<LoggedEvent[]> {
  const query = `query Read($ids: [ID!]!) { nodes(ids: $ids) { ... on Event { ${FIELDS} } } }`;
  const ids = seen.map(({ id }) => id);
  const { nodes } = await client.graphql<{ nodes: (LoggedEvent | null)[] }>(query, { ids });
  return nodes.filter((event) => event !== null);
}

async function readPage<T>(
  client: Client,
  flags: EventFlags,
  fields: string,
  first: number,
  after: string | null,
): Promise<Page<T>> {
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
  const answer = await client.graphql<{ events: Page<T> }>(queryOf(fields), {
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
