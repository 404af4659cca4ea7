/** The bytes of one input: all of them where they are few enough, else what was read so far and the rest. */
export type Input =
  | { readonly kind: 'whole'; readonly bytes: Buffer }
  | { readonly kind: 'long'; readonly head: Buffer; readonly rest: AsyncIterator<Buffer> };

/** Longest line of a text that is read line by line. */
const MAX_LINE_BYTES = 16 * 1024 * 1024;

export async function readInput(stream: AsyncIterable<Buffer>, limit: number): Promise<Input> {
  const chunks: Buffer[] = [];
  let size = 0;
  const rest = stream[Symbol.asyncIterator]();
  for (;;) {
    const next = await rest.next();
    if (next.done === true) return { kind: 'whole', bytes: Buffer.concat(chunks, size) };
    chunks.push(next.value);
    size += next.value.length;
    if (size > limit) return { kind: 'long', head: Buffer.concat(chunks, size), rest };
  }
}

/**
 * The text of bytes, byte order mark included, so that it still has their digest.
 *
 * @throws TypeError where they are no UTF-8
 */
export function decode(bytes: Uint8Array): string {
  return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
}

/** What bytes are instead of text, or null. */
export function binaryReason(bytes: Buffer): string | null {
  const start = bytes.subarray(0, 2).toString('latin1');
  if (start === 'ÿþ' || start === 'þÿ') return 'is UTF-16 text: write it as UTF-8';
  if (bytes.subarray(0, 64 * 1024).includes(0))
    return 'is a binary file, not a provenance document';
  return null;
}

export type Line = { readonly line: number; readonly text: string | null };

/** The lines of a long input, one after the other; `text` is null where a line is too long or no UTF-8. */
export async function* linesOf({
  head,
  rest,
}: Extract<Input, { kind: 'long' }>): AsyncGenerator<Line> {
  let buffer = head;
  let line = 0;
  let isSkipping = false;
  try {
    for (;;) {
      let start = 0;
      for (let end = buffer.indexOf(10); end !== -1; end = buffer.indexOf(10, start)) {
        line += 1;
        yield { line, text: isSkipping ? null : textOf(buffer.subarray(start, end)) };
        isSkipping = false;
        start = end + 1;
      }
      buffer = buffer.subarray(start);
      if (isSkipping || buffer.length > MAX_LINE_BYTES) {
        isSkipping = true;
        buffer = Buffer.alloc(0);
      }
      const next = await rest.next();
      if (next.done === true) break;
      buffer = buffer.length === 0 ? next.value : Buffer.concat([buffer, next.value]);
    }
    if (buffer.length > 0 || isSkipping) {
      yield { line: line + 1, text: isSkipping ? null : textOf(buffer) };
    }
  } finally {
    await rest.return?.();
  }
}

function textOf(bytes: Buffer): string | null {
  try {
    return decode(bytes).replace(/\r$/, '');
  } catch {
    return null;
  }
}
