import type { Stats } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import type { Command } from 'commander';
import { messageOf, StemmaError } from '../../errors.ts';
import { wholeNumber } from '../flags.ts';
import type { CliIo } from '../io.ts';

type WatchFlags = { readonly every: number; readonly source: string; readonly json?: boolean };

export function addWatchAdvisories(program: Command, io: CliIo): void {
  program
    .command('watch-advisories')
    .description(
      'Follow directories, zip archives and files of advisories in the OSV format, and send what is new or changed, until it is stopped.',
    )
    .argument('<path...>', 'directories, zip archives and files')
    .option('--every <seconds>', 'look this often', wholeNumber(1, 86_400), 60)
    .option('--source <uri>', 'source of the events that carry documents', 'urn:stemma:ingest')
    .addHelpText(
      'after',
      `
Files are read again where their time or size has changed. A look that found something says what became of it; while the service is
away, the next look tries again.

Examples:
  stemma watch-advisories /srv/osv
  stemma watch-advisories advisory-database/advisories --every 600 --json   one JSON object for each look that found something`,
    )
    .action(async (paths: string[], flags: WatchFlags) => {
      await watch(paths, flags, io);
    });
}

async function watch(paths: readonly string[], flags: WatchFlags, io: CliIo): Promise<void> {
  const { feed, sayFed } = await import('../feed.ts');
  const signal = io.interrupted();
  const sending = { source: flags.source, concurrency: 3, maxDocumentBytes: 32 * 1024 * 1024 };
  /** Time and size of each file, as it was when it was last sent. */
  const seen = new Map<string, string>();
  for (;;) {
    signal.throwIfAborted();
    const found = new Map<string, string>();
    const isWanted = (path: string, { mtimeMs, size }: Stats): boolean => {
      const state = `${mtimeMs} ${size}`;
      if (seen.get(path) === state) return false;
      found.set(path, state);
      return true;
    };
    try {
      const report = await feed(paths, sending, io, isWanted);
      for (const [path, state] of found) seen.set(path, state);
      const isNews = report.new + report.changed + report.refused > 0;
      if (isNews && flags.json === true) io.out(JSON.stringify(report));
      else if (isNews) sayFed(report, io);
    } catch (error) {
      signal.throwIfAborted();
      if (!isPassing(error)) throw error;
      io.err(`${messageOf(error)} Looked for again in ${flags.every} s.`);
    }
    await delay(flags.every * 1000, undefined, { signal }).catch(() => undefined);
  }
}

function isPassing(error: unknown): boolean {
  return error instanceof StemmaError && error.retryable;
}
