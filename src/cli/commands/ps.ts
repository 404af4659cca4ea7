import type { Command } from 'commander';
import { wholeNumber } from '../flags.ts';
import type { CliIo } from '../io.ts';
import {
  addMoment,
  asOf,
  hint,
  printTable,
  readAll,
  sayMore,
  type MomentFlags,
} from '../questions.ts';
import {
  addWide,
  cellOf,
  keyText,
  placeText,
  readLive,
  RUNNING_PAGE,
  serviceText,
  stateText,
  timeText,
  versionText,
  widened,
  type Running,
  type Width,
} from '../running.ts';

type PsFlags = MomentFlags &
  Width & { readonly service?: string; readonly limit: number; readonly json?: boolean };

const TITLES = [
  'ENVIRONMENT',
  'SERVICE',
  'VERSION',
  'SINCE',
  'STATE',
  'ARTIFACT',
  'COMMIT',
  'BUILDER',
];

export function addPs(program: Command, io: CliIo): void {
  const command = program
    .command('ps')
    .description('Show what runs: every live deployment, what it runs, and who built that of what.')
    .argument('[environment]', 'only in this environment: scope/name, or a name in any scope')
    .option('--service <name>', 'only of this service')
    .option('--limit <n>', 'at most this many', wholeNumber(1, 10_000), 500);
  addWide(addMoment(command))
    .addHelpText(
      'after',
      `
On a terminal the columns have titles; elsewhere they are separated by tabs: environment, service, version, since, state, artifact,
commit, builder, deployment, and when that was learnt of. "-" is not known. --known 2026-11-20T18:00Z is what was known on Friday evening.

Examples:
  stemma ps
  stemma ps production --at 2026-11-20
  stemma ps production --at 2026-11-20 --known 2026-11-20T18:00Z
  stemma ps acme/production --json`,
    )
    .action(async (environment: string | undefined, flags: PsFlags) => {
      const { connect } = await import('../service.ts');
      const client = connect(io);
      const question = {
        environment: environment ?? null,
        service: flags.service ?? null,
        asOf: asOf(flags),
      };
      const { items, more } = await readAll(
        flags.limit,
        async (first, after) => readLive(client, question, first, after),
        RUNNING_PAGE,
      );
      items.sort((a, b) => (sortKey(a) < sortKey(b) ? -1 : 1));
      if (flags.json === true) {
        io.out(JSON.stringify({ running: items, more }));
        return;
      }
      show(items, flags, io);
      if (items.length === 0) {
        const filter = [
          ...(environment === undefined ? [] : [`in the environment '${environment}'`]),
          ...(flags.service === undefined ? [] : [`of the service '${flags.service}'`]),
          ...(flags.at === undefined ? [] : [`at ${flags.at}`]),
          ...(flags.known === undefined ? [] : [`as far as was known at ${flags.known}`]),
        ];
        io.err(`Nothing is known to be live${filter.map((text) => ` ${text}`).join('')}.`);
      }
      sayMore(more, io);
      if (items.length > 0) hint(io, 'stemma log <service>, or stemma lineage <artifact> --up.');
    });
}

function sortKey(one: Running): string {
  return `${one.environment?.key ?? ''} ${one.service?.key ?? ''} ${one.key}`;
}

function show(items: readonly Running[], flags: PsFlags, io: CliIo): void {
  const key = keyText(io, flags);
  const isWide = !io.isTerminal || flags.wide === true;
  const rows = items.map((one) => [
    ...[placeText(one), serviceText(one), versionText(one), timeText(io, one.liveSince)],
    stateText(one).replace(/^live, /, ''),
    cellOf(one.origin.runs, key),
    cellOf(one.origin.commits, key),
    cellOf(one.origin.builders, key),
    ...(isWide ? [one.key, timeText(io, one.learntAt)] : []),
  ]);
  const titles =
    io.isTerminal && rows.length > 0
      ? [[...TITLES, ...(isWide ? ['DEPLOYMENT', 'LEARNT'] : [])]]
      : [];
  printTable([...titles, ...rows], widened(io, flags));
}
