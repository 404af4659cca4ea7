import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { StemmaError } from '../errors.ts';
import { sendSignal } from './child.ts';

export function isAlive(pid: number): boolean {
  if (!Number.isSafeInteger(pid) || pid <= 0 || !sendSignal(pid, 0)) return false;
  // a zombie answers to signal 0, but it holds nothing any more
  return stat(pid)?.state !== 'Z';
}

/**
 * What tells a process from a later one with the same number (containers give the same small numbers at each start);
 * null where /proc does not exist.
 */
export function processStart(pid: number): string | null {
  return stat(pid)?.start ?? null;
}

/** Notes which process serves a data directory, so that the next start can wait for it instead of sharing the files. */
export function writeOwner(file: string, pid: number): void {
  writeFileSync(file, `${pid} ${processStart(pid) ?? ''}\n`);
}

export function removeOwner(file: string): void {
  rmSync(file, { force: true });
}

/**
 * A server whose parent was killed needs a moment to close its files. Waits for it; throws when it stays.
 */
export async function waitForOwnerToLeave(options: {
  readonly file: string;
  readonly server: string;
  readonly dataDir: string;
  readonly deadlineMs: number;
}): Promise<void> {
  const deadline = Date.now() + options.deadlineMs;
  for (;;) {
    const pid = livingOwner(options.file);
    if (pid === null) return;
    if (Date.now() > deadline) {
      throw new StemmaError(
        'SERVER_UNAVAILABLE',
        `${options.server} cannot start: its data directory ${options.dataDir} is in use by process ${pid}; stop that process or set STEMMA_HOME to another directory.`,
        { details: { pid, dataDir: options.dataDir } },
      );
    }
    await delay(50);
  }
}

function livingOwner(file: string): number | null {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    return null;
  }
  const [number = '', start = ''] = text.trim().split(' ');
  const pid = Number(number);
  if (!isAlive(pid)) return null;
  const now = processStart(pid);
  return now !== null && start !== '' && now !== start ? null : pid;
}

function stat(pid: number): { readonly state: string; readonly start: string } | null {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // the name of the command stands in parentheses and may hold blanks; field 3 is the state, field 22 the start
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return { state: fields[0] ?? '', start: fields[19] ?? '' };
  } catch {
    return null;
  }
}
