import { createReadStream, type Dirent, type Stats } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Readable } from 'node:stream';
import { messageOf } from '../errors.ts';
import { zipEntries } from './zip.ts';

/** One thing to ingest, or why it cannot be. */
export type Found =
  | {
      readonly kind: 'file';
      readonly file: string;
      readonly name: string | null;
      /** Reads it; once, and before the next is asked for. */
      readonly open: () => AsyncIterable<Buffer>;
    }
  | { readonly kind: 'git'; readonly file: string }
  | { readonly kind: 'problem'; readonly file: string; readonly reason: string };

export type Walk = {
  /** What `-` stands for. */
  readonly stdin: Readable;
  /** Read the working tree of a git repository instead of its history. */
  readonly worktrees?: boolean;
  /** Asked of every file before it is opened. */
  readonly isWanted?: (path: string, stats: Stats) => boolean;
  /** Most bytes of a file in an archive. */
  readonly limit: number;
};

/**
 * Every file below the paths, and in zip archives there (`*.zip`), in the order of their names. A git repository counts as one thing:
 * its history is read, its working tree is not, unless `worktrees` says so. Links to directories are not followed, so nothing is read
 * twice and no walk is endless.
 */
export async function* findFiles(paths: readonly string[], options: Walk): AsyncGenerator<Found> {
  for (const path of paths) {
    if (path === '-') {
      const { stdin } = options;
      yield { kind: 'file', file: '-', name: null, open: () => stdin as AsyncIterable<Buffer> };
    } else yield* walk(path, options);
  }
}

async function* walk(path: string, options: Walk): AsyncGenerator<Found> {
  let entries: Dirent[];
  try {
    const found = await stat(path);
    if (found.isFile()) {
      if (options.isWanted?.(path, found) === false) return;
      if (/\.zip$/i.test(path)) yield* archived(path, options.limit);
      else {
        const open = () => createReadStream(path);
        yield { kind: 'file', file: path, name: basename(path), open };
      }
      return;
    }
    if (!found.isDirectory()) {
      yield { kind: 'problem', file: path, reason: 'is neither a file nor a directory' };
      return;
    }
    entries = await readdir(path, { withFileTypes: true });
  } catch (error) {
    yield { kind: 'problem', file: path, reason: systemReason(error) };
    return;
  }
  const isOfGit = isRepository(entries);
  if (isOfGit && options.worktrees !== true) {
    yield { kind: 'git', file: path };
    return;
  }
  const ordered = entries.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  for (const entry of ordered) {
    const inner = join(path, entry.name);
    if (isOfGit && entry.name === '.git') continue;
    if (entry.isSymbolicLink() && (await isDirectory(inner))) {
      yield {
        kind: 'problem',
        file: inner,
        reason: 'is a link to a directory, which is not followed',
      };
    } else yield* walk(inner, options);
  }
}

/** The files of an archive, each named by the archive and its path there. */
async function* archived(path: string, limit: number): AsyncGenerator<Found> {
  try {
    for await (const { name, read } of zipEntries(path)) {
      async function* open(): AsyncGenerator<Buffer> {
        yield await read(limit);
      }
      yield { kind: 'file', file: `${path}/${name}`, name: basename(name), open };
    }
  } catch (error) {
    const reason = systemCode(error) === null ? messageOf(error) : systemReason(error);
    yield { kind: 'problem', file: path, reason };
  }
}

/** A working tree, or a bare repository. */
function isRepository(entries: readonly Dirent[]): boolean {
  const names = new Set(entries.map(({ name }) => name));
  return names.has('.git') || ['HEAD', 'objects', 'refs'].every((name) => names.has(name));
}

async function isDirectory(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch {
    return false;
  }
}

const SYSTEM_REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'does not exist',
  EACCES: 'may not be read by this user',
  EPERM: 'may not be read by this user',
  ELOOP: 'is a link that leads back to itself',
  EISDIR: 'is a directory',
  EMFILE: 'cannot be opened: too many files are open',
};

/** Why the system does not give a file, in words. */
export function systemReason(error: unknown): string {
  const code = systemCode(error);
  return SYSTEM_REASONS[code ?? ''] ?? `cannot be read (${code ?? messageOf(error)})`;
}

/** `ENOENT`, …; null for an error that is not the system's. */
export function systemCode(error: unknown): string | null {
  if (typeof error !== 'object' || error === null || !('syscall' in error)) return null;
  return 'code' in error ? String(error.code) : null;
}
