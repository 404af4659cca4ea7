import { readFile, rename, writeFile } from 'node:fs/promises';
import { messageOf, StemmaError } from '../errors.ts';

/** Where a watcher goes on after a restart: the log number of the last event that it is done with. */
export interface PositionStore {
  /** Null where there is none yet. */
  load(): Promise<number | null>;
  save(position: number): Promise<void>;
}

/** In a file, which is replaced as a whole. */
export function filePosition(path: string): PositionStore {
  return {
    async load() {
      let text: string;
      try {
        text = await readFile(path, 'utf8');
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null; // what fs throws
        throw unusable(path, messageOf(error), error);
      }
      const position = /^\d+\n?$/.test(text) ? Number(text) : Number.NaN;
      if (Number.isSafeInteger(position)) return position;
      throw unusable(path, 'it holds no log number');
    },
    async save(position) {
      try {
        await writeFile(`${path}.new`, `${position}\n`);
        await rename(`${path}.new`, path);
      } catch (error) {
        throw unusable(path, messageOf(error), error);
      }
    },
  };
}

function unusable(path: string, why: string, cause?: unknown): StemmaError {
  return new StemmaError(
    'CONFIGURATION_INVALID',
    `The position of the watcher cannot be kept in '${path}': ${why}. Name a file that may be written, or remove this one to begin with what comes from now on.`,
    { cause, details: { path: 'positionFile' } },
  );
}
