import type { Redis } from '../redis.ts';
import type { Log } from '../../telemetry.ts';
import { attemptField, type Entry } from '../log/entry.ts';
import type { BusKeys } from '../keys.ts';
import { pause } from './pause.ts';

/**
 * The durable count of redeliveries: Redis' own counts do not survive a restart. A first delivery needs no record, and the first
 * redelivery is counted when the entry is claimed.
 */
export interface Attempts {
  /** Counts one more try of an entry, before it begins. Waits while Redis is away; rejects only where aborted. */
  record(entry: Entry): Promise<void>;
  /** Takes back the count of a redelivery that says nothing about the entry, because a server was away. */
  forgive(entries: readonly Entry[]): Promise<void>;
}

/** What the consumer needs beside that. */
export interface AttemptRecords extends Attempts {
  isCounted(entry: Entry): boolean;
  /** After their counts were removed. */
  forget(entries: readonly Entry[]): void;
}

const RETRY_MS = 500;
/** PERSIST does nothing here, but with it as the first write Redis also accepts the second where its memory is full. */
const RECORD = `
redis.call('PERSIST', KEYS[1])
return redis.call('HINCRBY', KEYS[1], ARGV[1], 1)`;

export function createAttempts(options: {
  readonly redis: Redis;
  readonly keys: BusKeys;
  readonly group: string;
  readonly signal: AbortSignal;
  readonly log: Log;
}): AttemptRecords {
  const { redis, keys, group, signal, log } = options;
  const hash = keys.attempts(group);
  const recorded = new Set<string>();
  return {
    async record(entry) {
      for (;;) {
        try {
          await redis.eval(RECORD, 1, hash, attemptField(entry));
          recorded.add(attemptField(entry));
          return;
        } catch (error) {
          signal.throwIfAborted();
          log.warn({ err: error }, 'an attempt could not be recorded');
          await pause(RETRY_MS, signal);
        }
      }
    },
    isCounted: (entry) => entry.redeliveries > 0 || recorded.has(attemptField(entry)),
    forget(entries) {
      for (const entry of entries) recorded.delete(attemptField(entry));
    },
    async forgive(entries) {
      const counted = entries.filter(({ redeliveries }) => redeliveries > 0);
      if (counted.length === 0) return;
      const commands = redis.pipeline();
      for (const entry of counted) commands.hincrby(hash, attemptField(entry), -1);
      await commands.exec().catch((error: unknown) => {
        log.warn({ err: error }, 'redeliveries could not be forgiven');
      });
    },
  };
}
