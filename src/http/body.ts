import type { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { StemmaError } from '../errors.ts';

export type BodyOptions = {
  /** `content-encoding` and `content-length` as sent. */
  readonly encoding: string | undefined;
  readonly length: string | undefined;
  /** Most bytes, inflated, of a body whose first character (white space aside) is this one; null as long as it is unknown. */
  readonly limitOf: (first: string | null) => number;
};

/**
 * Reads a body into memory. Stops at the limit: what is beyond is neither read (but for the chunk that crosses it) nor
 * inflated, and a body that announces itself as too long is not read at all. The stream is then left paused.
 *
 * @throws StemmaError PAYLOAD_TOO_LARGE; BAD_REQUEST for an unknown encoding, a broken gzip stream, a body that ends early
 */
export async function readBody(
  stream: Readable,
  { encoding, length, limitOf }: BodyOptions,
): Promise<Buffer> {
  const announced = Number(length ?? 0);
  if (announced > limitOf(null)) {
    stream.pause();
    throw tooLarge(limitOf(null));
  }
  const coding = encoding?.trim().toLowerCase() ?? 'identity';
  if (coding === 'identity' || coding === '') return collect(stream, limitOf);
  if (coding !== 'gzip' && coding !== 'x-gzip') {
    throw new StemmaError('BAD_REQUEST', 'This content-encoding is not read: send gzip, or none.', {
      details: { reason: 'CONTENT_ENCODING_UNSUPPORTED' },
    });
  }
  const gunzip = createGunzip();
  const giveUp = (): void => {
    if (!stream.readableEnded) gunzip.destroy(new Error('the request ended early'));
  };
  stream.once('error', giveUp).once('close', giveUp).pipe(gunzip);
  try {
    return await collect(gunzip, limitOf);
  } finally {
    stream.off('close', giveUp).unpipe(gunzip).pause();
    gunzip.destroy();
  }
}

async function collect(stream: Readable, limitOf: BodyOptions['limitOf']): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  let first: string | null = null;
  try {
    for await (const chunk of stream.iterator({
      destroyOnReturn: false,
    }) as AsyncIterable<Buffer>) {
      first ??= /\S/.exec(chunk.toString('latin1', 0, 1024))?.[0] ?? null;
      size += chunk.length;
      if (size > limitOf(first)) throw tooLarge(limitOf(first));
      chunks.push(chunk);
    }
  } catch (cause) {
    stream.pause();
    if (cause instanceof StemmaError) throw cause;
    throw new StemmaError(
      'BAD_REQUEST',
      'The body could not be read: it ended early, or is not a valid gzip stream.',
      {
        cause,
        details: { reason: 'BODY_UNREADABLE' },
      },
    );
  }
  return Buffer.concat(chunks, size);
}

const UTF8 = new TextDecoder('utf-8', { fatal: true });

/** @throws StemmaError BAD_REQUEST where the bytes are no UTF-8 */
export function toText(bytes: Buffer): string {
  try {
    return UTF8.decode(bytes);
  } catch (cause) {
    throw new StemmaError('BAD_REQUEST', 'The body is not valid UTF-8.', {
      cause,
      details: { reason: 'UTF8_INVALID' },
    });
  }
}

function tooLarge(limit: number): StemmaError {
  return new StemmaError(
    'PAYLOAD_TOO_LARGE',
    `The body is larger than ${limit} bytes: send less at a time.`,
    {
      details: { limit },
    },
  );
}
