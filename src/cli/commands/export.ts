import { Option, type Command } from 'commander';
import type { Client } from '../client.ts';
import { usage } from '../exit.ts';
import { wholeNumber } from '../flags.ts';
import type { CliIo } from '../io.ts';
import { addMoment, asOf, idOf, type MomentFlags } from '../questions.ts';

const FORMATS = {
  json: 'JSON',
  ndjson: 'NDJSON',
  dot: 'DOT',
  mermaid: 'MERMAID',
  graphml: 'GRAPHML',
  csv: 'CSV',
  'prov-json': 'PROV_JSON',
  openlineage: 'OPENLINEAGE',
} as const;

export type ExportName = keyof typeof FORMATS;

type ExportFlags = MomentFlags & {
  readonly format: ExportName;
  readonly up?: boolean;
  readonly down?: boolean;
  readonly to?: string;
  readonly comparedWith?: string;
  readonly k: number;
  readonly depth?: number;
  readonly limit: number;
  readonly throughHistory?: boolean;
};

const QUERY = `query Export($of: ID!, $format: ExportFormat!, $direction: LineageDirection, $to: ID, $k: Int, $comparedWith: ID,
  $maxDepth: Int, $limit: Int, $throughHistory: Boolean, $asOf: AsOf) {
  export(of: $of, format: $format, direction: $direction, to: $to, k: $k, comparedWith: $comparedWith, maxDepth: $maxDepth,
    limit: $limit, throughHistory: $throughHistory, asOf: $asOf)
}`;

export function addExport(program: Command, io: CliIo): void {
  const command = program
    .command('export')
    .description('Write a lineage, paths or a difference in a format that other programs read.')
    .argument('<ref>', 'a digest, commit id, package URL, URL, or id of a build or deployment')
    .addOption(formatOption().default('json'))
    .option('--up', 'what it was made from (default)')
    .option('--down', 'what was made from it')
    .option('--to <ref>', 'the shortest paths to this thing instead')
    .option('-k <n>', 'with --to: at most this many paths', wholeNumber(1, 100), 1)
    .option('--compared-with <ref>', 'how the lineage of this thing differs instead')
    .option('--depth <n>', 'at most this many edges away', wholeNumber(1, 100_000))
    .option('--limit <n>', 'at most this many things, nearest first', wholeNumber(1, 100_000), 1000)
    .option('--through-history', 'walk from commit to parent commit as well');
  addMoment(command)
    .addHelpText(
      'after',
      `
Examples:
  stemma export sha256:9f86d0… --format dot | dot -Tsvg > lineage.svg
  stemma export 44ee177 --down --format openlineage
  stemma export sha256:9f86d0… --compared-with sha256:1b2c3d… --format mermaid`,
    )
    .action(async (ref: string, flags: ExportFlags) => {
      if (flags.up === true && flags.down === true) throw usage('Give --up or --down, not both.');
      const { connect } = await import('../service.ts');
      const client = connect(io);
      const optional = async (text: string | undefined) =>
        text === undefined ? undefined : idOf(client, io, text);
      await printExport(client, io, flags.format, {
        of: await idOf(client, io, ref),
        direction: flags.down === true ? 'DOWNSTREAM' : 'UPSTREAM',
        to: await optional(flags.to),
        k: flags.k,
        comparedWith: await optional(flags.comparedWith),
        maxDepth: flags.depth,
        limit: flags.limit,
        throughHistory: flags.throughHistory ?? false,
        asOf: asOf(flags),
      });
    });
}

export function formatOption(): Option {
  return new Option('--format <format>', 'write it for other programs').choices(
    Object.keys(FORMATS),
  );
}

/** Prints what `export` answers; `variables` are its arguments, as global ids. */
export async function printExport(
  client: Client,
  io: CliIo,
  format: ExportName,
  variables: Readonly<Record<string, unknown>>,
): Promise<void> {
  const answer = await client.graphql<{ export: string }>(QUERY, {
    ...variables,
    format: FORMATS[format],
  });
  io.out(answer.export.replace(/\r?\n$/, ''));
}
