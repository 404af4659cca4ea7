import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';

const TAIL_LINES = 20;

export type ChildEnd = { readonly code: number | null; readonly signal: NodeJS.Signals | null };

/** A server process of ours. It ends when this process does, however that ends: it watches the end of its stdin. */
export interface Child {
  /** Settles when the process is gone; never rejects. */
  readonly ended: Promise<ChildEnd>;
  hasEnded(): boolean;
  /** The last lines it wrote, for an error message. */
  tail(): readonly string[];
  /** Waits for the first line of stdout that matches; null when the process ends or the time is over. */
  line(pattern: RegExp, timeoutMs: number, signal?: AbortSignal): Promise<RegExpExecArray | null>;
  /** Closes its stdin, which asks a supervised server to end. */
  closeStdin(): void;
}

export function startChild(options: {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
}): Child & { readonly process: ChildProcess } {
  const child = spawn(options.command, options.args, {
    // A group of its own: Ctrl-C in a terminal reaches every process of the group, and a database that dies of it
    // cannot take the writes of the drain.
    detached: true,
    env: { ...options.env },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const lines: string[] = [];
  const listeners = new Set<(line: string) => void>();
  const record = (line: string): void => {
    if (line.trim() === '') return;
    lines.push(line);
    if (lines.length > TAIL_LINES) lines.shift();
  };
  child.stdin.on('error', () => undefined); // the child may be gone when the pipe is closed
  onLine(child.stdout, (line) => {
    record(line);
    for (const listener of listeners) listener(line);
  });
  onLine(child.stderr, record);

  let end: ChildEnd | null = null;
  const ended = new Promise<ChildEnd>((resolve) => {
    const finish = (value: ChildEnd): void => {
      end ??= value;
      resolve(value);
    };
    child.on('error', (error) => {
      record(error.message);
      finish({ code: null, signal: null });
    });
    // 'close' comes after the last output was read, but never while a grandchild holds the pipes open
    child.on('close', (code, signal) => {
      finish({ code, signal });
    });
    child.on('exit', (code, signal) => {
      setTimeout(finish, 200, { code, signal }).unref();
    });
  });

  return {
    process: child,
    ended,
    hasEnded: () => end !== null,
    tail: () => lines,
    line: async (pattern, timeoutMs, signal) => {
      const seen = lines.map((line) => pattern.exec(line)).find((match) => match !== null);
      if (seen !== undefined) return seen;
      return new Promise((resolve) => {
        const finish = (match: RegExpExecArray | null): void => {
          listeners.delete(listen);
          clearTimeout(timer);
          signal?.removeEventListener('abort', abandon);
          resolve(match);
        };
        const listen = (line: string): void => {
          const match = pattern.exec(line);
          if (match !== null) finish(match);
        };
        const abandon = (): void => {
          finish(null);
        };
        const timer = setTimeout(abandon, timeoutMs);
        if (signal?.aborted === true) abandon();
        signal?.addEventListener('abort', abandon);
        listeners.add(listen);
        void ended.then(abandon);
      });
    },
    closeStdin: () => {
      child.stdin.end();
    },
  };
}

/** Asks the process to end, and kills it when it has not after the deadline. */
export async function stopChild(child: Child, pid: number, deadlineMs: number): Promise<void> {
  if (child.hasEnded()) return;
  child.closeStdin();
  sendSignal(pid, 'SIGTERM');
  const done = await Promise.race([
    child.ended.then(() => true),
    delay(deadlineMs, false, { ref: false }),
  ]);
  if (done) return;
  sendSignal(pid, 'SIGKILL');
  await child.ended;
}

/** False when there is no such process (any more). */
export function sendSignal(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    process.kill(pid, signal);
    return true;
  } catch (error) {
    // EPERM: it exists, but belongs to somebody else
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function onLine(stream: NodeJS.ReadableStream, listener: (line: string) => void): void {
  let rest = '';
  stream.setEncoding('utf8');
  stream.on('data', (chunk: string) => {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) listener(line);
  });
  stream.on('end', () => {
    if (rest !== '') listener(rest);
  });
}
