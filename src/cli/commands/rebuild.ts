import type { Command } from 'commander';
import type { RebuildResult } from '../../replay/rebuild.ts';
import { EXIT } from '../exit.ts';
import type { CliIo } from '../io.ts';
import type { RebuildOutcome } from '../rebuild-home.ts';
import { problemLines } from './replay.ts';

type RebuildFlags = {
  readonly into?: string;
  readonly user: string;
  readonly passwordFile?: string;
  readonly verify?: boolean;
  readonly json?: boolean;
};

export function addRebuild(program: Command, io: CliIo): void {
  program
    .command('rebuild')
    .description('Build the graph anew from its log, beside the one that serves.')
    .option('--into <uri>', 'another database, such as bolt://127.0.0.1:7688; default: in the home')
    .option('--user <name>', 'its user', 'neo4j')
    .option('--password-file <file>', 'file with its password; without one there is none')
    .option('--verify', 'compare the state digests of both afterwards')
    .addHelpText(
      'after',
      `
Without --into, the graph of STEMMA_HOME is built anew beside itself. While a service runs there, the old graph serves on, and the
new one is made ready; run again when the service is stopped, it adds what came since and puts the new graph in place of the old one,
which is kept beside it.
With --into, the other database must be empty, or what an interrupted rebuild of the same graph has left.
Either goes on where it was interrupted. Nothing is sent anywhere: no watch, gate or bridge fires. Exits with 3 where --verify finds
a difference; after a change of the rules there is one by design.

Examples:
  stemma rebuild
  stemma rebuild --into bolt://127.0.0.1:7688 --password-file pass.txt --verify`,
    )
    .action(async (flags: RebuildFlags) => {
      const { readSettings } = await import('../../environment.ts');
      const { setFailpoints } = await import('../../failpoint.ts');
      setFailpoints(readSettings(io.env).STEMMA_FAILPOINT);
      const outcome =
        flags.into === undefined ? await inHome(flags, io) : await into(flags.into, flags, io);
      report(outcome, flags, io);
    });
}

async function inHome(flags: RebuildFlags, io: CliIo): Promise<RebuildOutcome> {
  const { rebuildHome } = await import('../rebuild-home.ts');
  return rebuildHome({ io, verify: flags.verify ?? false });
}

async function into(uri: string, flags: RebuildFlags, io: CliIo): Promise<RebuildOutcome> {
  const { readPassword, withDatabase, withGraph } = await import('../database.ts');
  const { transferLog } = await import('../rebuild-home.ts');
  const address = { uri, user: flags.user, password: readPassword(flags.passwordFile) };
  const signal = io.interrupted();
  return withDatabase(io, ({ graph: source, statements }) =>
    withGraph(address, async (target) => ({
      ...(await transferLog(
        { source, target, statements, signal },
        { io, verify: flags.verify ?? false },
      )),
      ...{ place: uri, switched: null },
    })),
  );
}

function report(
  { result, comparison, place, switched }: RebuildOutcome,
  { json }: RebuildFlags,
  io: CliIo,
): void {
  if (comparison?.equal === false) io.exitWith(EXIT.verification);
  if (switched === false && result.skipped > 0) io.exitWith(EXIT.unexpected);
  if (json === true) {
    io.out(JSON.stringify({ version: 1, ...result, comparison, switched }));
    return;
  }
  if (result.resumedAfter !== null) io.err(`Went on behind position ${result.resumedAfter}.`);
  for (const line of problemLines(result)) io.err(line);
  if (result.late > 0 && switched === null) {
    io.err(`${result.late} events came meanwhile: run the same command again to add them.`);
  }
  io.out(`${result.events} events applied to ${place}.`);
  if (switched !== null) io.out(whatNow(switched, result));
  if (comparison === null) return;
  if (comparison.equal) io.out(`Both graphs are equal: full ${comparison.digests.full.source}`);
  else io.out('The graphs differ:');
  for (const { kind, part, source, target } of comparison.parts) {
    io.out(`  ${kind} ${part}: ${source?.count ?? 0} here, ${target?.count ?? 0} there`);
  }
}

function whatNow(switched: boolean, { skipped }: RebuildResult): string {
  if (switched) {
    return 'The new graph is in place; the old one is kept beside it, as data/neo4j.before.';
  }
  return skipped > 0
    ? 'The old graph stays in place: the new one would lack the events above.'
    : 'The new graph is ready and the old one serves on: stop the service and run stemma rebuild again to put it in place.';
}
