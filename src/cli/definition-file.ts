import { messageOf } from '../errors.ts';
import { CliError, EXIT } from './exit.ts';
import type { CliIo } from './io.ts';
import { readText } from './text-file.ts';

/** An object that a user has written down, with where it stands. */
export type Definition = {
  /** The file, and which of its documents. */
  readonly place: string;
  readonly value: Readonly<Record<string, unknown>>;
};

/**
 * The objects of a file of YAML, of which JSON is a part, one for each document in it.
 *
 * @param file a path; - is standard input
 * @throws CliError BAD_USER_INPUT naming the place
 */
export async function readDefinitions(file: string, io: CliIo): Promise<Definition[]> {
  const text = await readText(file, io);
  const { parseAllDocuments } = await import('yaml');
  const documents = [parseAllDocuments(text)].flat();
  const all = documents.map((document, at) => {
    const place = documents.length === 1 ? file : `${file}, document ${at + 1}`;
    const [error] = document.errors;
    if (error !== undefined) {
      throw wrong(place, `is not YAML: ${messageOf(error).split('\n')[0]?.replace(/:$/, '')}`);
    }
    return { place, value: document.toJS({ maxAliasCount: 0 }) as unknown };
  });
  if (all.every(({ value }) => value === null)) throw wrong(file, 'says nothing');
  return all
    .filter(({ value }) => value !== null)
    .map(({ place, value }) => {
      if (typeof value === 'object' && !Array.isArray(value)) {
        return { place, value: value as Definition['value'] }; // just looked at
      }
      throw wrong(place, 'is not an object: write `name: …`, `key: …` and so on');
    });
}

export function wrong(place: string, why: string): CliError {
  return new CliError('BAD_USER_INPUT', `${place} ${why}.`, { exitCode: EXIT.usage });
}
