import { toParts } from '../documents/parts.ts';
import { checkDocument, toldOf } from '../documents/validate.ts';
import { toReceiptError } from '../intake/admission.ts';
import { StemmaError } from '../errors.ts';
import type { SubmitDocument } from '../graphql/context.ts';
import { sha256, type Envelope } from '../model/event.ts';
import type { Intake, Receipt, Submission } from '../model/receipt.ts';

/**
 * Sends a document that one event cannot carry: its parts first, then the event that submits it. The document is read before, as one
 * is that an event carries.
 */
export function createDocumentSubmission(intake: Intake, maxBytes?: number): SubmitDocument {
  return async ({ bytes, envelope }, options) => {
    const { events, listed } = toParts(bytes, envelope.source, maxBytes);
    let warnings: readonly string[];
    try {
      warnings = toldOf(await checkDocument(utf8(bytes), sha256(bytes)));
    } catch (error) {
      if (error instanceof StemmaError) return refusal(envelope, error);
      throw error;
    }
    for (const part of events) {
      const [receipt] = await intake.accept([toSubmission(part)], { wait: 'ACCEPTED', waitMs: 0 });
      if (receipt?.status === 'REJECTED') return receipt;
    }
    const whole = { ...envelope, data: { ...envelope.data, ...listed } };
    const [receipt] = await intake.accept([toSubmission(whole)], options);
    if (receipt === undefined) throw new Error('a submission without a receipt');
    const told = new Set([...warnings, ...(receipt.warnings ?? [])]);
    return receipt.error !== null || told.size === 0
      ? receipt
      : { ...receipt, warnings: [...told] };
  };
}

/** As the log will give it to the reader. */
function utf8(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw new StemmaError(
      'DOCUMENT_MALFORMED',
      'The document is not UTF-8 text: unpack it first.',
      {
        cause,
      },
    );
  }
}

function refusal({ id, source }: Envelope, error: StemmaError): Receipt {
  const none = { position: null, status: 'REJECTED', first: null } as const;
  return {
    eventId: id,
    source,
    ...none,
    error: toReceiptError(error, 'events.0', () => undefined),
  };
}

function toSubmission(value: unknown): Submission {
  return { raw: JSON.stringify(value), value };
}
