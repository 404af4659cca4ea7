import { Option, type Command } from 'commander';
import type { DigestKind, Digests } from '../../graph/digest.ts';
import type { CliIo } from '../io.ts';
import { toColumns } from '../text.ts';

type DigestFlags = {
  readonly kind?: DigestKind;
  readonly parts?: boolean;
  readonly json?: boolean;
};

export function addDigest(program: Command, io: CliIo): void {
  program
    .command('digest')
    .description('Compute the state digests of the graph: equal digests, equal graphs.')
    .addOption(new Option('--kind <kind>', 'only this one').choices(['content', 'full', 'current']))
    .option('--parts', 'also one for each label, edge type and for the log')
    .addHelpText(
      'after',
      `
content: what the events say, equal for any order and duplication; full: everything, equal after replay and rebuild;
current: only what holds now. Reads Neo4j itself: NEO4J_URI, or that of the service that runs here.

Examples:
  stemma digest --kind full
  stemma digest --parts --json`,
    )
    .action(async (flags: DigestFlags) => {
      const { withDatabase } = await import('../database.ts');
      const { computeDigests, DIGEST_KINDS } = await import('../../graph/digest.ts');
      const kinds = flags.kind === undefined ? DIGEST_KINDS : [flags.kind];
      const digests = await withDatabase(io, ({ graph, statements }) =>
        computeDigests(graph, statements, kinds),
      );
      if (flags.json === true) {
        io.out(JSON.stringify({ version: 1, digests: toJson(digests, kinds, flags.parts) }));
        return;
      }
      for (const kind of kinds) {
        io.out(
          kinds.length === 1 ? digests[kind].digest : `${kind.padEnd(8)}${digests[kind].digest}`,
        );
        if (flags.parts === true) for (const line of partLines(digests[kind])) io.out(line);
      }
    });
}

function toJson(
  digests: Readonly<Record<DigestKind, Digests>>,
  kinds: readonly DigestKind[],
  parts = false,
) {
  return Object.fromEntries(
    kinds.map((kind) => [kind, parts ? digests[kind] : { digest: digests[kind].digest }]),
  );
}

function partLines({ parts }: Digests): string[] {
  const rows = Object.entries(parts).map(([part, { digest, count }]) => [
    `  ${part}`,
    String(count),
    digest,
  ]);
  return toColumns(rows, 200);
}
