import { toParts } from '../documents/parts.ts';
import type { SubmitDocument } from '../graphql/documents.ts';
import type { Intake, Submission } from '../model/receipt.ts';

/** Sends a document that one event cannot carry: its parts first, then the event that submits it. */
export function createDocumentSubmission(intake: Intake, maxBytes?: number): SubmitDocument {
  return async ({ bytes, envelope }, options) => {
    const parts = toParts(bytes, envelope.source, maxBytes);
    for (const part of parts) {
      const [receipt] = await intake.accept([toSubmission(part)], { wait: 'ACCEPTED', waitMs: 0 });
      if (receipt?.status === 'REJECTED') return receipt;
    }
    const whole = { ...envelope, data: { ...envelope.data, parts: parts.length } };
    const [receipt] = await intake.accept([toSubmission(whole)], options);
    if (receipt === undefined) throw new Error('a submission without a receipt');
    return receipt;
  };
}

function toSubmission(value: unknown): Submission {
  return { raw: JSON.stringify(value), value };
}
