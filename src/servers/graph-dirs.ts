import { existsSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** The data directories of a home's graph. */
export type GraphDirs = {
  /** The one that serves. */
  readonly current: string;
  /** Where a rebuild writes. */
  readonly next: string;
  /** The one that served before the last switch. */
  readonly before: string;
};

export function graphDirs(home: string): GraphDirs {
  const current = join(home, 'data', 'neo4j');
  return { current, next: `${current}.next`, before: `${current}.before` };
}

/**
 * Puts the rebuilt graph in the place of the one that serves, which is kept as `before`; an older one that was kept goes. No server
 * may run on any of them. A crash in between is made good by `finishSwitch`.
 */
export function switchGraphs(home: string): void {
  writeFileSync(intentOf(home), '', { mode: 0o600 });
  finishSwitch(home);
}

/** Ends a switch that a crash has cut off; does nothing where there was none. Call it before a server starts on the home. */
export function finishSwitch(home: string): void {
  if (!existsSync(intentOf(home))) return;
  const { current, next, before } = graphDirs(home);
  // while `next` is there, `current` is the old graph or already moved away
  if (existsSync(next)) {
    if (existsSync(current)) {
      rmSync(before, { recursive: true, force: true });
      renameSync(current, before);
    }
    renameSync(next, current);
  }
  rmSync(intentOf(home));
}

/** A file that is there while a switch is under way. */
const intentOf = (home: string): string => `${graphDirs(home).current}.switch`;
