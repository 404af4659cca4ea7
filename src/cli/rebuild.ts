import type { Command } from 'commander';
import type { DigestComparison } from '../replay/compare-digests.ts';
import type { RebuildResult } from '../replay/rebuild.ts';
import { EXIT } from './exit.ts';
import type { CliIo } from './io.ts';
import { problemLines } from './replay.ts';

type RebuildFlags = {
  readonly into: string;
  readonly user: string;
  readonly passwordFile?: string;
  readonly verify?: boolean;
  readonly json?: boolean;
};

export function addRebuild(program: Command, io: CliIo): void {
  program
    .command('rebuild')
    .description('Build the graph anew from its log, in another Neo4j.')
    .requiredOption('--into <uri>', 'address of the other database, such as bolt://127.0.0.1:7688')
    .option('--user <name>', 'its user', 'neo4j')
    .option('--password-file <file>', 'file with its password; without one there is none')
    .option('--verify', 'compare the state digests of both afterwards')
    .addHelpText(
      'after',
      `
The other database must be empty, or what an interrupted rebuild of the same graph has left: then it goes on there.
Nothing is sent anywhere: no watch, gate or bridge fires. Exits with 3 where --verify finds a difference.

Examples:
  stemma rebuild --into bolt://127.0.0.1:7688 --password-file pass.txt --verify`,
    )
    .action(async (flags: RebuildFlags) => {
      const { readPassword, showProgress, withDatabase, withGraph } = await import('./database.ts');
      const { rebuild } = await import('../replay/rebuild.ts');
      const { compareDigests } = await import('../replay/compare-digests.ts');
      const { SILENT } = await import('../telemetry.ts');
      const address = {
        ...{ uri: flags.into, user: flags.user },
        password: readPassword(flags.passwordFile),
      };
      const signal = io.interrupted();
      const done = await withDatabase(io, ({ graph: source, statements }) =>
        withGraph(address, async (target) => {
          const result = await rebuild({
            ...{ source, target, statements, signal },
            ...{ onProgress: showProgress(io), now: Date.now, log: SILENT },
          });
          io.progress('');
          if (flags.verify !== true) return { result, comparison: null };
          io.progress('comparing the digests');
          const comparison = await compareDigests(source, target, statements);
          io.progress('');
          return { result, comparison };
        }),
      );
      report(done.result, done.comparison, flags, io);
    });
}

function report(
  result: RebuildResult,
  comparison: DigestComparison | null,
  { into, json }: RebuildFlags,
  io: CliIo,
): void {
  if (comparison?.equal === false) io.exitWith(EXIT.verification);
  if (json === true) {
    io.out(JSON.stringify({ version: 1, ...result, comparison }));
    return;
  }
  if (result.resumedAfter !== null) io.err(`Went on behind position ${result.resumedAfter}.`);
  for (const line of problemLines(result)) io.err(line);
  if (result.late > 0) {
    io.err(`${result.late} events came meanwhile: run the same command again to add them.`);
  }
  io.out(`${result.events} events applied to ${into}.`);
  if (comparison === null) return;
  if (comparison.equal) io.out(`Both graphs are equal: full ${comparison.digests.full.source}`);
  else io.out('The graphs differ:');
  for (const { kind, part, source, target } of comparison.parts) {
    io.out(`  ${kind} ${part}: ${source?.count ?? 0} here, ${target?.count ?? 0} there`);
  }
}
