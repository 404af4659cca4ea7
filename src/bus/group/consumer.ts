import { StemmaError } from '../../errors.ts';
import { failpoint } from '../../failpoint.ts';
import { claimAbandoned } from './claim.ts';
import { attemptField, isLost, type Entry, type LostEntry } from '../log/entry.ts';
import { createMember, type Consumer, type ConsumerOptions, type Member } from './member.ts';
import { pause } from './pause.ts';
import { settleLost } from './settlement.ts';
import { isMissing } from './settler.ts';

const RETRY_MS = 500;

/** A member of a consumer group: read → process → acknowledge, and the next batch is read while one is processed. */
export function createConsumer(options: ConsumerOptions): Consumer {
  const { redis, keys, group, name, streams, now, log } = options;
  const { maxInFlight = 2, claimEveryMs = 5_000, claimIdleMs = 60_000 } = options;
  const inFlight = new Set<Promise<void>>();
  /** What was read and is not settled yet. */
  const held = new Map<string, Entry>();

  async function run(member: Member): Promise<void> {
    const { reader, running } = member;
    let claimAt = 0;
    let failures = 0;
    while (running()) {
      try {
        if (now() >= claimAt) {
          claimAt = now() + claimEveryMs;
          await claim(member);
          if (!running()) break;
        }
        const entries = await reader.read();
        if (failures > 0) log.info({ failures }, 'the bus is read again');
        failures = 0;
        await dispatch(member, entries);
      } catch (error) {
        if (!running()) break;
        if (isMissing(error)) {
          member.fail(streamMissing(group, error));
          break;
        }
        // once for each outage: /readyz says how it goes on
        log[failures === 0 ? 'warn' : 'debug']({ err: error }, 'bus read failed');
        failures += 1;
        await pause(RETRY_MS, member.ending);
        claimAt = 0; // the answer may have been lost on its way
      }
    }
    await Promise.allSettled(inFlight);
  }

  /** Takes over what dead consumers, or consumers that hang, have left behind. */
  async function claim(member: Member): Promise<void> {
    const count = Math.min(member.reader.count(), 100);
    for (const stream of streams) {
      while (member.running()) {
        const own = idsByStream(held.values()).get(stream) ?? [];
        const entries = await claimAbandoned({
          ...{ redis, keys, group, name, stream, count, claimIdleMs },
          held: own,
        });
        if (entries.length === 0) break;
        log.info({ stream, entries: entries.length }, 'claimed entries of another consumer');
        member.settler.redelivered(entries.length);
        await dispatch(member, entries);
        await Promise.allSettled(inFlight); // what was claimed must not look idle to others while it waits
      }
    }
  }

  async function dispatch(member: Member, entries: readonly (Entry | LostEntry)[]): Promise<void> {
    if (entries.length === 0) return;
    failpoint('after_read');
    const lost = entries.filter(isLost);
    if (lost.length > 0) {
      options.onLost(lost);
      await settleLost({ redis, keys, group }, lost);
    }
    const present = entries.filter(
      (entry): entry is Entry => !isLost(entry) && !held.has(attemptField(entry)),
    );
    for (const entry of present) held.set(attemptField(entry), entry);
    const together = present.filter(({ redeliveries }) => redeliveries < 2);
    for (let at = 0; at < together.length; at += member.maxCount) {
      while (inFlight.size >= maxInFlight) await Promise.race(inFlight);
      enqueue(member, together.slice(at, at + member.maxCount));
    }
    // it may be what kills the process: nothing else is under way then, and what was tried least comes first
    const alone = present.filter(({ redeliveries }) => redeliveries >= 2);
    for (const entry of alone.sort((x, y) => x.redeliveries - y.redeliveries)) {
      await Promise.allSettled(inFlight);
      enqueue(member, [entry]);
      await Promise.allSettled(inFlight);
    }
  }

  function enqueue(member: Member, entries: readonly Entry[]): void {
    const work = settle(member, entries).finally(() => inFlight.delete(work));
    inFlight.add(work);
  }

  async function settle({ settler, ended }: Member, entries: readonly Entry[]): Promise<void> {
    await settler.settle(entries, ended);
    for (const entry of entries) held.delete(attemptField(entry));
  }

  return createMember(options, {
    run,
    // what waits here for a database that is away must not look abandoned to the other consumers
    async onBeat() {
      for (const [stream, ids] of idsByStream(held.values())) {
        await redis.xclaim(stream, group, name, 0, ...ids, 'JUSTID');
      }
    },
  });
}

function idsByStream(entries: Iterable<Entry>): Map<string, string[]> {
  const groups = new Map<string, string[]>();
  for (const { stream, id } of entries) {
    const ids = groups.get(stream);
    if (ids === undefined) groups.set(stream, [id]);
    else ids.push(id);
  }
  return groups;
}

export function streamMissing(group: string, cause: unknown): StemmaError {
  return new StemmaError(
    'STREAM_MISSING',
    `A stream, or its consumer group '${group}', has vanished while running: Redis has lost data. Nothing is read until the service is started with --recreate.`,
    { cause },
  );
}
