import { parseDocument } from '../documents/document.ts';
import { checkPart } from '../documents/parts.ts';
import { StemmaError } from '../errors.ts';
import { NO_CHANGES } from '../model/change.ts';
import { sha256 } from '../model/event.ts';
import type { Handler } from './handler.ts';

/** A document says what its content says. One that travels in parts is applied when its last part is there. */
export const documentSubmitted: Handler<'document.submitted'> = (data) => {
  const digest = data.digest.replace(/^sha256:/, '');
  if (data.content === undefined) {
    return { ...NO_CHANGES, subject: { label: 'Document', key: digest } };
  }
  if (sha256(data.content) !== digest) {
    throw new StemmaError(
      'DOCUMENT_MALFORMED',
      `The document's bytes do not have the digest sha256:${digest}: send the digest of exactly the bytes in 'content'.`,
    );
  }
  return parseDocument(data.content, digest, data.about ?? null).changes;
};

/** A part says nothing by itself. One that does not hold what it promises is refused, so that the true ones can come. */
export const documentPart: Handler<'document.part'> = (data, { envelope }) => {
  checkPart(data, envelope.id);
  return {
    ...NO_CHANGES,
    subject: { label: 'Document', key: data.digest.replace(/^sha256:/, '') },
  };
};
