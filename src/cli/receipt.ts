import type { Receipt } from '../model/receipt.ts';
import { CliError, EXIT } from './exit.ts';
import type { CliIo } from './io.ts';
import { brief, safe } from './text.ts';

/** What the commands that send one event ask of its receipt. */
export const RECEIPT =
  'eventId source position status first error { code message path retryable } durability warnings';

/** A receipt in one line, or as JSON; warnings on standard error. */
export function showReceipt(receipt: Receipt, isJson: boolean, io: CliIo): void {
  if (isJson) io.out(JSON.stringify(receipt));
  else {
    const { status, position, source, eventId } = receipt;
    io.out(`${status}\t${position ?? '-'}\t${brief(`${source ?? '-'} ${eventId ?? '-'}`, 300)}`);
  }
  showWarnings(receipt, io);
}

/** What the sender should know, on standard error. */
export function showWarnings({ warnings = [] }: Pick<Receipt, 'warnings'>, io: CliIo): void {
  for (const warning of warnings) io.err(io.paint('yellow', `warning: ${safe(warning)}`));
}

/**
 * What a command fails with whose event was not accepted.
 *
 * @param onConflict what to do where something else was said before
 */
export function refused({ status, error }: Receipt, onConflict?: string): CliError {
  const code = error?.code ?? 'INTERNAL_SERVER_ERROR';
  const message = error?.message ?? `The event was ${status.toLowerCase()}.`;
  if (code === 'IDEMPOTENCY_CONFLICT' && onConflict !== undefined) {
    return new CliError(code, `${message} ${onConflict}`, { exitCode: EXIT.unexpected });
  }
  const isUsage = code === 'EVENT_MALFORMED' || code === 'BAD_USER_INPUT';
  return new CliError(code, message, { exitCode: isUsage ? EXIT.usage : EXIT.unexpected });
}
