import { toId } from '../graphql/ids.ts';
import { feedAdvisories, type FeedOptions, type FeedReport } from '../ingest/feed.ts';
import type { NodeRef } from '../model/node.ts';
import type { Client } from './client.ts';
import type { CliIo } from './io.ts';
import { senderOf, type SendingFlags } from './sending.ts';
import { connect } from './service.ts';
import { safe } from './text.ts';

export type FeedFlags = SendingFlags & {
  readonly source: string;
  readonly maxDocumentBytes: number;
};

const KNOWN = 'query Known($ids: [ID!]!) { nodes(ids: $ids) { ... on Entity { resolved } } }';

type Known = { readonly nodes: readonly ({ readonly resolved?: boolean } | null)[] };

/** Sends what is new or changed of the advisories below the paths. */
export async function feed(
  paths: readonly string[],
  flags: FeedFlags,
  io: CliIo,
  isWanted?: FeedOptions['isWanted'],
): Promise<FeedReport> {
  const client = connect(io);
  const report = await feedAdvisories({
    paths,
    stdin: io.stdin,
    recognise: {
      repository: null,
      githubEvent: null,
      source: flags.source,
      maxDocumentBytes: flags.maxDocumentBytes,
    },
    sender: await senderOf(flags, io),
    areKnown: async (things) => areKnown(client, things),
    ...(isWanted === undefined ? {} : { isWanted }),
    signal: io.interrupted(),
    onProgress: (sofar) => {
      io.progress(summaryOf(sofar));
    },
  });
  io.progress('');
  return report;
}

/** What is only referred to is not known. */
async function areKnown(client: Client, things: readonly NodeRef[]): Promise<boolean[]> {
  if (things.length === 0) return [];
  const { nodes } = await client.graphql<Known>(KNOWN, { ids: things.map(toId) });
  return things.map((_, index) => nodes[index]?.resolved === true);
}

/** The refusals on standard output, a line each, and a summary. */
export function sayFed(report: FeedReport, io: CliIo): void {
  for (const { file, reason } of report.refusals) {
    io.out(['refused', safe(file), safe(reason)].join('\t'));
  }
  const more = report.refused - report.refusals.length;
  if (more > 0) io.err(`${more} more were refused.`);
  io.err(`${summaryOf(report)}.`);
}

function summaryOf(report: FeedReport): string {
  const { unchanged, changed, refused, withWarnings, notRead } = report;
  const also = [
    ...(withWarnings > 0 ? [`${withWarnings} of them read with warnings`] : []),
    ...(notRead > 0 ? [`${notRead} files with other names not read`] : []),
  ];
  const counts = `${report.new} new, ${changed} changed, ${unchanged} unchanged, ${refused} refused`;
  return [counts, ...also].join('; ');
}
