import type { Command } from 'commander';
import type { Receipt, ReceiptStatus } from '../../model/receipt.ts';
import { CliError, EXIT } from '../exit.ts';
import type { CliIo } from '../io.ts';
import { safe } from '../text.ts';
import { readText } from '../text-file.ts';

type PublishFlags = { readonly wait?: boolean; readonly json?: boolean };

type PublishReport = {
  readonly receipts: readonly Receipt[];
  readonly statuses: Readonly<Partial<Record<ReceiptStatus, number>>>;
};

export function addPublish(program: Command, io: CliIo): void {
  program
    .command('publish')
    .description('Send CloudEvents as they are: one as JSON, an array, or one per line.')
    .argument('[file]', 'a file; - or nothing: standard input', '-')
    .option('--wait', 'wait until the events are in the graph')
    .addHelpText(
      'after',
      `
The exit code is 1 where an event was rejected; its neighbours are sent all the same.

Examples:
  stemma publish event.json
  stemma publish --wait < events.ndjson
  echo '{"specversion":"1.0","id":"1","source":"urn:ci","type":"build.started","data":{"build":"https://ci/1"}}' | stemma publish`,
    )
    .action(async (file: string, flags: PublishFlags) => {
      const report = await publish(file, flags, io);
      if (flags.json === true) io.out(JSON.stringify(report));
      else show(report, io);
      const { REJECTED = 0, DEAD_LETTERED = 0 } = report.statuses;
      if (REJECTED + DEAD_LETTERED > 0) io.exitWith(EXIT.unexpected);
    });
}

async function publish(file: string, flags: PublishFlags, io: CliIo): Promise<PublishReport> {
  const [{ createSender }, { connect }] = await Promise.all([
    import('../../ingest/sender.ts'),
    import('../service.ts'),
  ]);
  const events = eventsIn(await readText(file, io), file);
  const client = connect(io);
  const sender = createSender({
    sink: (batch, options) => client.postEvents(batch, options),
    wait: flags.wait ?? false,
    concurrency: 2,
  });
  const receipts: Receipt[] = [];
  for (const [index, raw] of events.entries()) {
    await sender.send({
      raw,
      settle: (receipt) => {
        receipts[index] = receipt;
      },
    });
  }
  await sender.flush();
  const statuses: Partial<Record<ReceiptStatus, number>> = {};
  for (const { status } of receipts) statuses[status] = (statuses[status] ?? 0) + 1;
  return { receipts, statuses };
}

/** The text of each event. A line keeps its text, broken or not: the service says what is wrong with it. */
function eventsIn(text: string, file: string): string[] {
  const whole = tryParse(text);
  if (Array.isArray(whole)) return whole.map((event) => JSON.stringify(event));
  if (whole !== undefined) return [text];
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== '');
  const bad = lines.findIndex((line) => tryParse(line) === undefined);
  if (lines.length > 0 && bad === -1) return lines;
  const what = lines.length === 0 ? 'is empty' : `is not JSON: line ${bad + 1} is broken`;
  throw new CliError('BAD_USER_INPUT', `${file} ${what}; nothing was sent.`, {
    exitCode: EXIT.usage,
  });
}

function show({ receipts, statuses }: PublishReport, io: CliIo): void {
  for (const { status, position, source, eventId, error, warnings } of receipts) {
    const identity = safe(`${source ?? '-'} ${eventId ?? '-'}`);
    const reason = error === null ? '' : `\t${safe(`${error.code}: ${error.message}`)}`;
    const line = `${status}\t${position ?? '-'}\t${identity}${reason}`;
    io.out(error === null ? line : io.paint('red', line));
    for (const warning of warnings ?? []) io.err(io.paint('yellow', `warning: ${safe(warning)}`));
  }
  io.err(
    Object.entries(statuses)
      .map(([status, count]) => `${count} ${status.toLowerCase()}`)
      .join(', '),
  );
}

function tryParse(text: string): unknown {
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch {
    return undefined;
  }
}
