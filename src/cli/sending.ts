import type { Sender } from '../ingest/sender.ts';
import type { CliIo } from './io.ts';

export type SendingFlags = {
  readonly wait?: boolean;
  readonly dryRun?: boolean;
  readonly concurrency: number;
};

/** What sends the events of a command; with `--dry-run` it only checks them. */
export async function senderOf(flags: SendingFlags, io: CliIo): Promise<Sender> {
  if (flags.dryRun === true) return (await import('../ingest/dry-run.ts')).createDryRun();
  const [{ createSender }, { connect }] = await Promise.all([
    import('../ingest/sender.ts'),
    import('./service.ts'),
  ]);
  const client = connect(io);
  return createSender({
    sink: (events, options) => client.postEvents(events, options),
    wait: flags.wait ?? false,
    concurrency: flags.concurrency,
  });
}
