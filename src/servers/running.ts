import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { StemmaError, messageOf } from '../errors.ts';
import { isAlive, processStart } from './process-info.ts';

/** What `$STEMMA_HOME/run/servers.json` says of the service that runs with this home. */
export type RunningService = {
  readonly pid: number;
  readonly startedAt: string;
  readonly neo4jUri?: string;
  readonly neo4jUser?: string;
  readonly neo4jPassword?: string;
  readonly redisUrl?: string;
  /** Whether its graph lies in the home, and not in a container or elsewhere. */
  readonly neo4jIsLocal?: boolean;
  readonly apiUrl?: string;
  /** Tells the process from a later one with the same number. */
  readonly processStart?: string;
};

export interface HomeLock {
  /** Adds facts to servers.json, such as the address of the API. */
  update(facts: Partial<RunningService>): void;
  release(): void;
}

/** The service that runs with this home, complete once `redisUrl` and `neo4jUri` are there; null when none does. */
export function readRunning(home: string): RunningService | null {
  const service = read(fileOf(home));
  return service !== null && isRunning(service) ? service : null;
}

/** Makes this process the one service of this home; throws one sentence when there is another. */
export function lockHome(home: string, now: () => Date): HomeLock {
  const file = fileOf(home);
  const start = processStart(process.pid);
  const entry: RunningService = {
    pid: process.pid,
    startedAt: now().toISOString(),
    ...(start === null ? {} : { processStart: start }),
  };
  try {
    mkdirSync(join(home, 'run'), { recursive: true, mode: 0o700 });
    create(file, entry, home);
  } catch (error) {
    if (error instanceof StemmaError) throw error;
    throw new StemmaError(
      'SERVER_UNAVAILABLE',
      `${file} cannot be written (${messageOf(error)}); set STEMMA_HOME to a writable directory with free space.`,
      { cause: error },
    );
  }
  let held = true;
  return {
    update: (facts) => {
      const service = read(file);
      if (held && service?.pid === process.pid) replace(file, { ...service, ...facts });
    },
    release: () => {
      if (held && read(file)?.pid === process.pid) rmSync(file, { force: true });
      held = false;
    },
  };
}

function create(file: string, entry: RunningService, home: string): void {
  // Written aside and linked: the link is the one step that two starts at once cannot both succeed in, and a reader
  // never sees half a file.
  const aside = `${file}.${process.pid}`;
  writeFileSync(aside, serialise(entry), { mode: 0o600 });
  try {
    for (let attempt = 0; attempt < 10; attempt += 1) {
      if (link(aside, file)) return;
      const other = read(file);
      if (other !== null && isRunning(other)) throw alreadyRunning(other, home);
      setAside(file, other);
    }
    throw new StemmaError(
      'SERVER_UNAVAILABLE',
      `${file} changes all the time; start the service once.`,
    );
  } finally {
    rmSync(aside, { force: true });
  }
}

function link(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** Removes the lock of a dead process, unless another start has replaced it in the meantime. */
function setAside(file: string, stale: RunningService | null): void {
  const taken = `${file}.stale.${process.pid}`;
  try {
    renameSync(file, taken);
  } catch {
    return; // another start was faster
  }
  const content = read(taken);
  if (content !== null && content.pid !== stale?.pid && isRunning(content)) link(taken, file);
  rmSync(taken, { force: true });
}

function alreadyRunning(other: RunningService, home: string): StemmaError {
  const where = other.apiUrl === undefined ? '' : ` at ${other.apiUrl}`;
  return new StemmaError(
    'SERVER_UNAVAILABLE',
    `Stemma is already running${where} (process ${other.pid}) with ${home}; stop it, or set STEMMA_HOME to another directory.`,
    { details: { pid: other.pid, home } },
  );
}

function isRunning(service: RunningService): boolean {
  if (!isAlive(service.pid)) return false;
  const start = processStart(service.pid);
  return start === null || service.processStart === undefined || start === service.processStart;
}

function read(file: string): RunningService | null {
  try {
    const value: unknown = JSON.parse(readFileSync(file, 'utf8'));
    if (typeof value !== 'object' || value === null || !('pid' in value)) return null;
    return typeof value.pid === 'number' ? (value as RunningService) : null; // written by this module
  } catch {
    return null;
  }
}

function replace(file: string, service: RunningService): void {
  const aside = `${file}.${process.pid}.new`;
  writeFileSync(aside, serialise(service), { mode: 0o600 });
  renameSync(aside, file);
}

function serialise(service: RunningService): string {
  return `${JSON.stringify(service, null, 2)}\n`;
}

function fileOf(home: string): string {
  return join(home, 'run', 'servers.json');
}
