import { Option, type Command } from 'commander';
import type { FileReport, IngestReport } from '../../ingest/report.ts';
import { EXIT } from '../exit.ts';
import { wholeNumber } from '../flags.ts';
import type { CliIo } from '../io.ts';
import { hint } from '../questions.ts';
import { senderOf } from '../sending.ts';
import { safe, toColumns } from '../text.ts';

const MIB = 1024 * 1024;

type IngestFlags = {
  readonly wait?: boolean;
  readonly dryRun?: boolean;
  readonly repository?: string;
  readonly event?: string;
  readonly source: string;
  readonly concurrency: number;
  readonly maxDocumentBytes: number;
  readonly strict?: boolean;
  readonly json?: boolean;
};

export function addIngest(program: Command, io: CliIo): void {
  program
    .command('ingest')
    .description(
      'Read files and directories, recognising each file by its content, and send what they hold: in-toto and SLSA attestations (plain, DSSE, Sigstore bundles), CycloneDX, CDEvents, GitHub webhooks, events of agents, CloudEvents, exported git histories; each as JSON or JSON lines, as they are, packed with gzip or as base64.',
    )
    .argument(
      '<path...>',
      "files, directories, zip archives, - for standard input; or 'git <dir...>', or 'osv <path...>'",
    )
    .option('--wait', 'wait until everything is in the graph; on a terminal that is so anyway')
    .option('--no-wait', 'do not')
    .option('--dry-run', 'send nothing; say what each file is and whether it would be taken')
    .option('--strict', 'exit code 1 also where something was skipped or read with a warning')
    .option('--repository <url>', 'repository of exported git histories')
    .option('--event <name>', 'the files are GitHub webhooks of this event (X-GitHub-Event)')
    .option('--source <uri>', 'source of the events that carry documents', 'urn:stemma:ingest')
    .option('--concurrency <n>', 'requests at the same time', wholeNumber(1, 16), 3)
    .addOption(
      new Option('--max-document-bytes <n>', 'largest document, up to 100 MiB')
        .env('STEMMA_MAX_DOCUMENT_BYTES')
        .default(32 * MIB)
        .argParser(wholeNumber(1, 100 * MIB)),
    )
    .addHelpText(
      'after',
      `
A directory that is a git repository is read as its history, not as its files. Reading the same again adds only what is new.
The exit code is 1 where a file, or a part of one, was refused; the rest is sent all the same. A part of another kind beside
others (an unknown line of a bundle) is skipped and named, and so is what a document has that cannot be read: with --strict these
make exit code 1, too. 'stemma explain <file>' shows what a document says, and what of it is not read.

With 'osv' the files are advisories in the OSV format: the service is asked which of them it has, and only what is new or changed is
sent, so that a whole export can be given every night, and once more after it was interrupted.

Examples:
  stemma ingest git .                          commits, tags and branches of this repository
  stemma ingest provenance.intoto.jsonl --wait
  stemma ingest osv npm/all.zip                the advisories of an ecosystem, as osv.dev exports them
  stemma ingest sboms/ --json                  a directory, recursively; one JSON object at the end
  cosign download attestation $IMAGE | stemma ingest -
  stemma ingest push.json --event push         a GitHub webhook, where the content does not tell`,
    )
    .action(async (paths: string[], flags: IngestFlags) => {
      if (paths[0] === 'osv' && paths.length > 1) {
        const { feed, sayFed } = await import('../feed.ts');
        const report = await feed(paths.slice(1), flags, io);
        if (flags.json === true) io.out(JSON.stringify(report));
        else sayFed(report, io);
        const isFailure = report.refused > 0 || (flags.strict === true && report.withWarnings > 0);
        if (isFailure) io.exitWith(EXIT.unexpected);
        return;
      }
      const tally: Tally = { added: 0, known: 0 };
      const isWaiting = flags.wait ?? io.isTerminal;
      const report = await run(paths, { ...flags, wait: isWaiting }, io, tally);
      if (flags.json === true) io.out(JSON.stringify(report));
      else {
        const sent = flags.dryRun === true ? null : tally;
        show(report, sent, isWaiting, io);
        if (sent !== null && report.accepted > 0) hint(io, 'stemma ps, or stemma search <name>.');
      }
      const { hasComplaints, hasRefusals } = await import('../../ingest/report.ts');
      const isFailure = flags.strict === true ? hasComplaints(report) : hasRefusals(report);
      if (isFailure) io.exitWith(EXIT.unexpected);
    });
}

async function run(
  paths: readonly string[],
  flags: IngestFlags,
  io: CliIo,
  tally: Tally,
): Promise<IngestReport> {
  const { ingest } = await import('../../ingest/run.ts');
  const sender = await senderOf(flags, io, ({ status }) => {
    if (status === 'DUPLICATE') tally.known += 1;
    if (status === 'ACCEPTED' || status === 'APPLIED') tally.added += 1;
  });
  const isGit = paths[0] === 'git' && paths.length > 1;
  let files = 0;
  let events = 0;
  const progress = (): void => {
    io.progress(`${files} files, ${events} events`);
  };
  const report = await ingest({
    paths: isGit ? paths.slice(1) : paths,
    git: isGit,
    stdin: io.stdin,
    recognise: {
      repository: flags.repository ?? null,
      githubEvent: flags.event ?? null,
      source: flags.source,
      maxDocumentBytes: flags.maxDocumentBytes,
    },
    sender,
    signal: io.interrupted(),
    onFile: () => {
      files += 1;
      progress();
    },
    onEvent: () => {
      events += 1;
      if (events % 100 === 0) progress();
    },
  });
  io.progress('');
  return report;
}

/** Events that were taken, and those of them that had been taken before. */
type Tally = { added: number; known: number };

function show(report: IngestReport, sent: Tally | null, isWaiting: boolean, io: CliIo): void {
  const { files, accepted, refused, events, skipped, warnings } = report;
  if (io.isTerminal) {
    const rows = files.map((file) => cells(file).map(safe));
    const lines = toColumns(
      [['OUTCOME', 'FORMAT', 'EVENTS', 'FILE', 'REASON'], ...rows],
      io.columns,
    );
    for (const [index, line] of lines.entries()) {
      const isBad = files[index - 1]?.outcome === 'refused';
      io.out(index === 0 ? io.paint('bold', line) : isBad ? io.paint('red', line) : line);
    }
  } else for (const file of files) io.out(cells(file).map(safe).join('\t'));
  const also = [
    ...(skipped > 0 ? [`${skipped} ${skipped === 1 ? 'part' : 'parts'} skipped`] : []),
    ...(warnings > 0 ? [`${warnings} ${warnings === 1 ? 'warning' : 'warnings'}`] : []),
  ];
  io.err(
    `${accepted} accepted, ${refused} refused, ${events} events${news(sent, isWaiting)}${also.length === 0 ? '' : `; ${also.join(', ')}`}.`,
  );
}

function news(sent: Tally | null, isWaiting: boolean): string {
  if (sent === null) return '';
  return `: ${sent.added} new, ${sent.known} known${isWaiting ? ', in the graph' : ''}`;
}

function cells({ file, format, outcome, events, reason }: FileReport): string[] {
  return [outcome, format ?? '-', String(events), file, reason ?? ''];
}
