import type { FastifyInstance, FastifyRequest } from 'fastify';
import { StemmaError } from '../errors.ts';
import type { AcceptOptions, Receipt } from '../model/receipt.ts';
import { readBody } from './body.ts';
import { acceptOptions, statusOf } from './events.ts';

/** A document as it was sent, with what the sender says of it. */
export type RawDocument = {
  readonly bytes: Uint8Array;
  readonly mediaType: string;
  readonly name?: string;
  readonly about?: string;
  readonly source?: string;
  readonly id?: string;
  readonly time?: string;
};

export type Documents = {
  submit(document: RawDocument, options: AcceptOptions): Promise<Receipt>;
  /** The largest, inflated. */
  readonly maxBytes: number;
};

/** Parameters that say something of the document. */
const STATED = ['name', 'about', 'source', 'id', 'time'] as const;
/** Any web page may send these to anywhere, without asking. */
const SENT_BY_FORMS = ['application/x-www-form-urlencoded', 'multipart/form-data', 'text/plain'];
/** With this header a browser asks before it sends, so plain text is taken. */
const PREFLIGHTED = 'apollo-require-preflight';

/** `POST /documents`: the bytes of an SBOM, attestation or other document, as they are; gzip is read. One receipt, as for events. */
export function addDocuments(app: FastifyInstance, documents: Documents): void {
  app.post('/documents', async (request, reply) => {
    const mediaType = mediaTypeOf(request);
    const query = request.query as Record<string, unknown>;
    const options = acceptOptions(query);
    const stated = STATED.flatMap((name): [string, string][] => {
      const value = query[name];
      if (value === undefined) return [];
      if (typeof value === 'string' && value !== '') return [[name, value]];
      throw new StemmaError(
        'BAD_USER_INPUT',
        `The parameter '${name}' must be given once, with a value.`,
        {
          details: { path: name },
        },
      );
    });
    const { headers } = request;
    const bytes = await readBody(request.raw, {
      encoding: headers['content-encoding'],
      length: headers['content-length'],
      limitOf: () => documents.maxBytes,
    });
    if (bytes.length === 0) {
      throw new StemmaError('BAD_REQUEST', 'The body is empty: send the bytes of a document.');
    }
    const receipt = await documents.submit(
      { bytes, mediaType, ...Object.fromEntries(stated) },
      options,
    );
    return reply.code(statusOf([receipt])).send({ receipts: [receipt] });
  });
}

function mediaTypeOf({ headers }: FastifyRequest): string {
  const type = headers['content-type']?.split(';', 1)[0]?.trim().toLowerCase() ?? '';
  if (type !== '' && !SENT_BY_FORMS.includes(type)) return type;
  if (type === 'text/plain' && headers[PREFLIGHTED] !== undefined) return type;
  throw new StemmaError(
    'BAD_REQUEST',
    `The request could come from a foreign web page: say what the document is, such as 'content-type: application/json' or text/spdx; with text/plain, send the header '${PREFLIGHTED}: true' as well.`,
    { details: { reason: 'CSRF' } },
  );
}
