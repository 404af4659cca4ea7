import type { Sender } from '../ingest/sender.ts';
import type { Receipt } from '../model/receipt.ts';
import type { CliIo } from './io.ts';

export type SendingFlags = {
  readonly wait?: boolean;
  readonly dryRun?: boolean;
  readonly concurrency: number;
};

/**
 * What sends the events of a command; with `--dry-run` it only checks them.
 *
 * @param onReceipt told what became of each event that was sent
 */
export async function senderOf(
  flags: SendingFlags,
  io: CliIo,
  onReceipt?: (receipt: Receipt) => void,
): Promise<Sender> {
  if (flags.dryRun === true) return (await import('../ingest/dry-run.ts')).createDryRun();
  const [{ createSender }, { connect }] = await Promise.all([
    import('../ingest/sender.ts'),
    import('./service.ts'),
  ]);
  const client = connect(io);
  return createSender({
    sink: async (events, options) => {
      const receipts = await client.postEvents(events, options);
      if (onReceipt !== undefined) receipts.forEach(onReceipt);
      return receipts;
    },
    wait: flags.wait ?? false,
    concurrency: flags.concurrency,
  });
}
