import { StemmaError } from '../../errors.ts';
import { failpoint } from '../../failpoint.ts';
import { claim, claimAbandoned } from './claim.ts';
import { streamMissing } from './consumer.ts';
import { isLost, type Entry, type LostEntry } from '../log/entry.ts';
import { createHeartbeat } from './heartbeat.ts';
import { createMergedReader } from './merge.ts';
import { createMember, type Consumer, type ConsumerOptions, type Member } from './member.ts';
import { pause } from './pause.ts';
import { settleLost } from './settlement.ts';
import { isMissing } from './settler.ts';

const RETRY_MS = 500;
/** No consumer has this name: it stands for the one that leads. */
const LEADER = '(leader)';

/**
 * A member of an ordered group: entries come in the order of their log numbers, over all streams, one batch after the other. One
 * member leads and reads; the others stand by, and one of them takes over when the leader has been silent for three heartbeats.
 *
 * An entry waits until every smaller log number was read, or is in no stream any more. Since an append gives out a number and writes
 * its entry in one step, a number up to the counter that no stream holds was trimmed or deleted: the group goes on behind it, and
 * it is noted as lost (gaps.lua). A dead letter does not hold up those behind it. After a crash the first entries are those that
 * were not acknowledged, again in order: an entry may come twice, never after a later one that was acknowledged before it.
 */
export function createOrderedConsumer(options: ConsumerOptions): Consumer {
  const { redis, keys, group, name, streams, now, log } = options;
  const { claimEveryMs = 5_000 } = options;

  async function run(member: Member): Promise<void> {
    const { heartbeatMs, ending } = member;
    while (member.running()) {
      const term = new AbortController();
      const lease = createHeartbeat({
        ...{ redis, keys, group, name: LEADER, now, everyMs: heartbeatMs },
        onBeat: async () => Promise.resolve(),
        onTaken() {
          term.abort();
        },
      });
      try {
        await lease.start();
        await lead(member, AbortSignal.any([term.signal, member.ended]));
      } catch (error) {
        if (!member.running()) break;
        if (isMissing(error)) member.fail(streamMissing(group, error));
        else if (isLed(error)) await pause(Math.min(claimEveryMs, heartbeatMs), ending);
        else {
          log.warn({ err: error }, 'bus read failed');
          await pause(RETRY_MS, ending);
        }
      } finally {
        await lease.stop();
      }
    }
  }

  /** Until it cannot go on: what is not acknowledged then comes first in the next term. */
  async function lead(member: Member, signal: AbortSignal): Promise<void> {
    const { reader, settler, maxCount, running } = member;
    const merged = createMergedReader({ redis, keys, streams, reader, onRead: present });
    for (const stream of streams) {
      const entries = await leftBehind(stream);
      settler.redelivered(entries.length);
      merged.put(await present(entries));
    }
    while (running() && !signal.aborted) {
      const { entries } = await merged.next();
      for (const batch of batchesOf(entries, maxCount)) {
        if (!running() || !(await settler.settle(batch, signal))) return;
      }
    }
  }

  /** Settles what is lost. */
  async function present(entries: readonly (Entry | LostEntry)[]): Promise<Entry[]> {
    if (entries.length > 0) failpoint('after_read');
    const lost = entries.filter(isLost);
    if (lost.length > 0) {
      options.onLost(lost);
      await settleLost({ redis, keys, group }, lost);
    }
    return entries.filter((entry): entry is Entry => !isLost(entry));
  }

  /** What was delivered and not acknowledged: nobody but the leader works on it. */
  async function leftBehind(stream: string): Promise<(Entry | LostEntry)[]> {
    const found: (Entry | LostEntry)[] = [];
    for (;;) {
      const held = found.map(({ id }) => id);
      const from = { redis, keys, group, name, stream, count: 100, claimIdleMs: 0, held };
      const entries = await claim(from, '', 0);
      if (entries.length === 0) {
        await claimAbandoned(from); // forgets those who have nothing and are gone
        return found;
      }
      found.push(...entries);
    }
  }

  return createMember(options, { run });
}

function isLed(error: unknown): boolean {
  return error instanceof StemmaError && error.code === 'CONSUMER_NAME_IN_USE';
}

/** In their order; what was redelivered more than once, and may be what kills the process, comes alone. */
function batchesOf(entries: readonly Entry[], size: number): Entry[][] {
  const batches: Entry[][] = [];
  let open: Entry[] | null = null;
  for (const entry of entries) {
    if (entry.redeliveries >= 2) {
      batches.push([entry]);
      open = null;
    } else if (open === null || open.length === size) batches.push((open = [entry]));
    else open.push(entry);
  }
  return batches;
}
