import type { Command } from 'commander';
import { formatOption, printExport, type ExportName } from './export.ts';
import { wholeNumber } from '../flags.ts';
import type { CliIo } from '../io.ts';
import {
  addMoment,
  asOf,
  COMPLETENESS,
  idOf,
  PATH,
  pathLines,
  warnOf,
  type Completeness,
  type MomentFlags,
  type Path,
} from '../questions.ts';

type PathFlags = MomentFlags & {
  readonly k: number;
  readonly down?: boolean;
  readonly throughHistory?: boolean;
  readonly format?: ExportName;
  readonly json?: boolean;
};

type Paths = {
  readonly paths: readonly Path[];
  readonly exact: boolean;
  readonly reached: { readonly nodes: number; readonly depth: number } | null;
  readonly completeness: Completeness;
};

const QUERY = `query Paths($from: ID!, $to: ID!, $k: Int!, $direction: LineageDirection!, $throughHistory: Boolean!, $asOf: AsOf) {
  paths(from: $from, to: $to, k: $k, direction: $direction, throughHistory: $throughHistory, asOf: $asOf) {
    direction exact paths { ${PATH} } reached { nodes depth } ${COMPLETENESS}
  }
}`;

export function addPath(program: Command, io: CliIo): void {
  const command = program
    .command('path')
    .description('Show the shortest ways from one thing to another.')
    .argument('<from>', 'where the way begins, such as a deployment or artifact')
    .argument('<to>', 'where it ends, such as a commit or package version')
    .option('-k <n>', 'at most this many ways', wholeNumber(1, 100), 1)
    .option('--down', 'against the arrows: to what was made of it')
    .option('--through-history', 'walk from commit to parent commit as well');
  addMoment(command)
    .addOption(formatOption())
    .addHelpText(
      'after',
      `
Exit code 4 where there is no way.

Examples:
  stemma path sha256:9f86d0… pkg:npm/lodash@4.17.20      how a package gets into an artifact
  stemma path https://deploy.example.com#42 44ee177 -k 3 --json`,
    )
    .action(async (from: string, to: string, flags: PathFlags) => {
      const { connect } = await import('../service.ts');
      const client = connect(io);
      const direction = flags.down === true ? 'DOWNSTREAM' : 'UPSTREAM';
      const ends = { from: await idOf(client, io, from), to: await idOf(client, io, to) };
      const throughHistory = flags.throughHistory ?? false;
      if (flags.format !== undefined) {
        const { from: of, ...rest } = ends;
        const variables = { of, ...rest, k: flags.k, direction, throughHistory, asOf: asOf(flags) };
        await printExport(client, io, flags.format, variables);
        return;
      }
      const { paths: answer } = await client.graphql<{ paths: Paths }>(QUERY, {
        ...ends,
        ...{ k: flags.k, direction, throughHistory, asOf: asOf(flags) },
      });
      if (answer.paths.length === 0) io.exitWith(4);
      if (flags.json === true) io.out(JSON.stringify(answer));
      else show(answer, io);
    });
}

function show({ paths, exact, reached, completeness }: Paths, io: CliIo): void {
  for (const [at, path] of paths.entries()) {
    if (at > 0) io.out('');
    for (const line of pathLines(path)) io.out(line);
  }
  if (paths.length === 0) {
    const far =
      reached === null
        ? ''
        : `: ${reached.nodes} things, at most ${reached.depth} edges away, were reached`;
    io.err(`There is no way${far}.`);
  } else if (!exact) io.err('There may be further ways as short as these.');
  warnOf(completeness, io);
}
