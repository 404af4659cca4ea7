import type { Command } from 'commander';
import type { ReplayResult } from '../../replay/replay.ts';
import type { CliIo } from '../io.ts';
import { safe } from '../text.ts';

type ReplayFlags = { readonly from: string; readonly types?: string; readonly json?: boolean };

export function addReplay(program: Command, io: CliIo): void {
  program
    .command('replay')
    .description('Apply events of the log to the graph once more; nothing is sent anywhere.')
    .requiredOption('--from <n|time>', 'first log number, or time of acceptance (RFC 3339)')
    .option('--types <list>', 'only events of these types, such as build.completed,build.started')
    .addHelpText(
      'after',
      `
A replay changes nothing, unless the graph lacks what its log says: then it is put back. It cannot take away what
somebody has added by hand; "stemma verify-graph" finds that.

Examples:
  stemma replay --from 0
  stemma replay --from 2026-11-21T00:00:00Z --types document.submitted,document.part`,
    )
    .action(async (flags: ReplayFlags) => {
      const { listOf, showProgress, withDatabase } = await import('../database.ts');
      const { positionOf } = await import('../../replay/log.ts');
      const { replay } = await import('../../replay/replay.ts');
      const { SILENT } = await import('../../telemetry.ts');
      const result = await withDatabase(io, async (database) =>
        replay({
          ...database,
          from: await positionOf(database, flags.from),
          types: listOf(flags.types),
          onProgress: showProgress(io),
          signal: io.interrupted(),
          now: Date.now,
          log: SILENT,
        }),
      );
      io.progress('');
      if (flags.json === true) io.out(JSON.stringify({ version: 1, ...result }));
      else {
        for (const line of problemLines(result)) io.err(line);
        io.out(`${result.events} events applied.`);
      }
    });
}

/** Events that could not be applied; most of them could not be applied the first time either. */
export function problemLines({ problems, problemCount }: ReplayResult): string[] {
  const lines = problems.map(({ n, code, message }) => `position ${n}: ${code}: ${safe(message)}`);
  const more = problemCount - problems.length;
  return more > 0 ? [...lines, `and ${more} more`] : lines;
}
