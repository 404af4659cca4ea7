import { createReadStream } from 'node:fs';
import { CliError, EXIT } from './exit.ts';
import type { CliIo } from './io.ts';

/**
 * @param file a path; - is standard input
 * @throws CliError BAD_USER_INPUT where it cannot be read, or is not UTF-8
 */
export async function readText(file: string, io: CliIo): Promise<string> {
  const stream = file === '-' ? io.stdin : createReadStream(file);
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) chunks.push(chunk);
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks));
  } catch (cause) {
    const { systemReason } = await import('../ingest/files.ts');
    const why = cause instanceof TypeError ? 'is not UTF-8 text' : systemReason(cause);
    throw new CliError('BAD_USER_INPUT', `${file} ${why}.`, { exitCode: EXIT.usage, cause });
  }
}
