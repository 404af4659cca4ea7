import type { Command } from 'commander';
import type { Difference } from '../../replay/differences.ts';
import type { VerifyReport } from '../../replay/verify.ts';
import { EXIT } from '../exit.ts';
import { wholeNumber } from '../flags.ts';
import type { CliIo } from '../io.ts';
import { brief, safe } from '../text.ts';

type VerifyFlags = { readonly limit: number; readonly json?: boolean };

export function addVerifyGraph(program: Command, io: CliIo): void {
  program
    .command('verify-graph')
    .description('Compare the graph with its own log, and name what somebody has edited.')
    .option('--limit <n>', 'name at most this many differences', wholeNumber(0, 1_000_000), 100)
    .addHelpText(
      'after',
      `
Every node, claim and log entry is compared with what the events in the log say; all differences are counted. Exits with 3
where there are any. Stop the graph writers first, or what they write meanwhile may be among them.

Examples:
  stemma verify-graph
  stemma verify-graph --json | jq .differences`,
    )
    .action(async (flags: VerifyFlags) => {
      const { withDatabase } = await import('../database.ts');
      const { verifyGraph } = await import('../../replay/verify.ts');
      const report = await withDatabase(io, (database) =>
        verifyGraph({
          ...{ ...database, limit: flags.limit, signal: io.interrupted() },
          onProgress: ({ pass, passes, done, total }) => {
            const which = passes === 1 ? '' : `pass ${pass} of ${passes}: `;
            io.progress(`${which}${done} of ${total} events`);
          },
        }),
      );
      io.progress('');
      if (!report.ok) io.exitWith(EXIT.verification);
      if (flags.json === true) io.out(JSON.stringify({ version: 1, ...report }));
      else for (const line of linesOf(report)) io.out(line);
    });
}

function linesOf(report: VerifyReport): string[] {
  const { ok, events, nodes, edges, totals, differences, grown } = report;
  const size = `${events} events, ${nodes} nodes, ${edges} claims`;
  const lines = differences.map(lineOf);
  const all = Object.values(totals).reduce((sum, count) => sum + count, 0);
  if (all > lines.length) lines.push(`and ${all - lines.length} more`);
  lines.push(
    ok
      ? `The graph is what its log says (${size}).`
      : `The graph is not what its log says (${size}): ${Object.entries(totals)
          .filter(([, count]) => count > 0)
          .map(([kind, count]) => `${count} ${kind}`)
          .join(', ')}.`,
  );
  if (grown) lines.push('Events were applied meanwhile: stop the graph writers to be sure.');
  return lines;
}

function lineOf({ what, kind, label, key, claim, properties }: Difference): string {
  const where = what === 'edge' && claim !== null ? ` [${safe(claim)}]` : '';
  const values = properties.map(
    ({ name, expected, found }) => `${safe(name)}: ${textOf(found)} instead of ${textOf(expected)}`,
  );
  const detail = values.length === 0 ? '' : `  ${values.join('; ')}`;
  return `${kind.padEnd(10)}  ${what} ${safe(label)} ${safe(key)}${where}${detail}`;
}

function textOf(value: unknown): string {
  return value === undefined ? 'nothing' : brief(JSON.stringify(value), 120);
}
