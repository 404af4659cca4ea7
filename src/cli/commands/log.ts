import type { Command } from 'commander';
import type { Client } from '../client.ts';
import { commitsBetween, commitsText, type CommitsBetween } from '../commits-between.ts';
import { wholeNumber } from '../flags.ts';
import type { CliIo } from '../io.ts';
import { hint, PAGE_INFO, printTable, readAll, sayMore, type Connection } from '../questions.ts';
import {
  addWide,
  cellOf,
  hasRun,
  keyText,
  placeText,
  RUNNING,
  RUNNING_PAGE,
  serviceText,
  slotOf,
  stateText,
  timeText,
  versionText,
  widened,
  type Running,
  type Width,
} from '../running.ts';
import { brief } from '../text.ts';

type LogFlags = Width & {
  readonly environment?: string;
  readonly limit: number;
  readonly commits: number;
  readonly json?: boolean;
};

type Entry = {
  readonly deployment: Running;
  /** Key of the deployment that ran before it in its slot; null where it is the first one that is known. */
  readonly previous: string | null;
  /** Null: not known. */
  readonly between: CommitsBetween | null;
};

const QUERY = `query Latest($environment: String, $service: String, $asOf: AsOf, $first: Int!, $after: String) {
  latestDeployments(environment: $environment, service: $service, first: $first, after: $after) {
    nodes { ${RUNNING} } ${PAGE_INFO}
  }
}`;

export type Latest = Connection<Running>;

export async function readLatest(
  client: Client,
  place: { readonly environment: string | null; readonly service: string | null },
  first: number,
  after: string | null,
): Promise<Latest> {
  const variables = { ...place, first, after };
  return (await client.graphql<{ latestDeployments: Latest }>(QUERY, variables)).latestDeployments;
}

export function addLog(program: Command, io: CliIo): void {
  const command = program
    .command('log')
    .description(
      'List the deployments of a service, newest first, each with the commits since the one before.',
    )
    .argument('<service>', 'scope/name, or a name in any scope')
    .option('--environment <name>', 'only to this environment')
    .option('--limit <n>', 'at most this many deployments', wholeNumber(1, 1_000), 10)
    .option('--commits <n>', 'at most this many commits of each', wholeNumber(0, 500), 5);
  addWide(command)
    .addHelpText(
      'after',
      `
Commits are counted from what ran before in the same environment, service and instance: + came in, - went out (after a rollback).

Examples:
  stemma log shop
  stemma log acme/shop --environment production --limit 3 --json`,
    )
    .action(async (service: string, flags: LogFlags) => {
      const { connect } = await import('../service.ts');
      const client = connect(io);
      const place = { service, environment: flags.environment ?? null };
      // what ran before the last of them lies behind it
      const { items, more } = await readAll(
        flags.limit * 2 + 20,
        async (first, after) => readLatest(client, place, first, after),
        RUNNING_PAGE,
      );
      const entries: Entry[] = [];
      for (const [at, deployment] of items.slice(0, flags.limit).entries()) {
        entries.push(await entryOf(client, deployment, items.slice(at + 1), flags.commits));
      }
      const isMore = more || items.length > flags.limit;
      if (flags.json === true) io.out(JSON.stringify({ deployments: entries, more: isMore }));
      else show(entries, more, flags, io);
      if (items.length === 0) {
        const where =
          flags.environment === undefined ? '' : ` to '${brief(flags.environment, 120)}'`;
        io.err(`No deployment of '${brief(service, 120)}'${where} is known.`);
      }
      if (flags.json === true) return;
      sayMore(isMore, io);
      if (items.length > 0)
        hint(
          io,
          'stemma diff <environment> --from <day> --to now, or stemma lineage <artifact> --up.',
        );
    });
}

async function entryOf(
  client: Client,
  deployment: Running,
  older: readonly Running[],
  first: number,
): Promise<Entry> {
  const slot = slotOf(deployment);
  const previous = older.find((one) => slotOf(one) === slot && hasRun(one));
  if (previous === undefined) return { deployment, previous: null, between: null };
  const between = await commitsBetween(client, previous, deployment, Math.max(first, 1));
  return { deployment, previous: previous.key, between };
}

function show(entries: readonly Entry[], more: boolean, flags: LogFlags, io: CliIo): void {
  const key = keyText(io, flags);
  const rows = entries.map(({ deployment, previous, between }) => [
    timeText(io, deployment.createdAt ?? deployment.completedAt),
    ...[placeText(deployment), serviceText(deployment), versionText(deployment)],
    ...[stateText(deployment), cellOf(deployment.origin.runs, key)],
    previous === null
      ? more
        ? 'older ones were not read'
        : 'the first one'
      : commitsText(between),
    ...(!io.isTerminal || flags.wide === true
      ? [deployment.key, timeText(io, deployment.learntAt)]
      : []),
  ]);
  // the commits stand below their deployment, so the table is printed in pieces
  const lines: string[] = [];
  printTable(rows, { ...widened(io, flags), out: (line) => void lines.push(line) });
  for (const [at, { between }] of entries.entries()) {
    io.out(lines[at] ?? '');
    if (between === null) continue;
    const shown = between.commits.slice(0, flags.commits);
    for (const { subject, entity } of shown) {
      io.out(`    ${key({ key: subject })}  ${brief(entity?.name ?? '', 100)}`.trimEnd());
    }
    const rest = between.added - shown.length;
    if (rest > 0 && flags.commits > 0)
      io.out(`    … and ${rest} more: ask with a greater --commits`);
  }
}
