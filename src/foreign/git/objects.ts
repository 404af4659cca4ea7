import { createHash } from 'node:crypto';
import { StemmaError } from '../../errors.ts';
import { gitBytes } from './process.ts';

/** An object of the database as it is stored: of the bytes, its id is the hash. */
export type GitObject = {
  readonly id: string;
  readonly type: string;
  readonly bytes: Buffer;
};

/**
 * Objects by their ids, in that order, from one process. Each is held against its id, so that neither a damaged database nor one
 * that was tampered with says anything of a commit that the commit does not.
 *
 * @throws StemmaError BAD_USER_INPUT where an object is missing, or is not what its id says; and what gitBytes throws
 * @see https://git-scm.com/docs/git-cat-file#_batch_output
 */
export async function* readObjects(
  dir: string,
  ids: AsyncIterable<string>,
  signal: AbortSignal | undefined,
): AsyncGenerator<GitObject> {
  let chunks: Buffer[] = [];
  let size = 0;
  let needed = 1;
  for await (const chunk of gitBytes(dir, ['cat-file', '--batch'], signal, ids)) {
    chunks.push(chunk);
    size += chunk.length;
    if (size < needed) continue; // a large object comes in many chunks, which are put together once
    let rest = Buffer.concat(chunks);
    for (;;) {
      const end = rest.indexOf(0x0a);
      if (end === -1) {
        needed = rest.length + 1;
        break;
      }
      const [id = '', type = '', length] = rest.toString('latin1', 0, end).split(' ');
      if (length === undefined) throw damaged(dir, id, 'is missing');
      const start = end + 1;
      const next = start + Number(length) + 1; // the object ends in a line break
      if (rest.length < next) {
        needed = next;
        break;
      }
      const bytes = rest.subarray(start, next - 1);
      if (idOf(type, bytes, id.length) !== id) throw damaged(dir, id, 'is not what its id says');
      yield { id, type, bytes };
      rest = rest.subarray(next);
    }
    chunks = [rest];
    size = rest.length;
  }
}

/** The hash of type, length and content; with 64 digits in repositories of `--object-format=sha256`. */
function idOf(type: string, bytes: Buffer, digits: number): string {
  return createHash(digits === 64 ? 'sha256' : 'sha1')
    .update(`${type} ${bytes.length}\0`)
    .update(bytes)
    .digest('hex');
}

function damaged(dir: string, id: string, what: string): StemmaError {
  return new StemmaError(
    'BAD_USER_INPUT',
    `git cannot read '${dir}': the object ${id} ${what}. See 'git fsck' there, or read a whole clone.`,
    { details: { path: dir, object: id } },
  );
}
