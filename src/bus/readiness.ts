import type { Redis } from './redis.ts';
import { messageOf } from '../errors.ts';
import { DEAD_LETTER_LIMITS } from './letters/archive.ts';
import { capabilitiesOf, requireSafe } from './log/capabilities.ts';
import { countDeadLetters } from './letters/dead-letters.ts';
import { groupOf, registeredStreams, requiredGroups } from './group/groups.ts';
import type { BusKeys } from './keys.ts';
import { progressOf } from './log/lag.ts';
import { staleGroups } from './log/trim.ts';

/** One line of `/readyz`. */
export type BusCheck = { readonly name: string; readonly ok: boolean; readonly detail: string };

export type BusReadinessOptions = {
  readonly redis: Redis;
  readonly keys: BusKeys;
  /** The one that writes the log. */
  readonly group: string;
  /** The greatest log number in the graph. */
  readonly floor: number;
  /** Entries that may wait before publishing is refused. */
  readonly maxWaiting?: number;
  readonly now: () => number;
};

type Probe = readonly [name: string, probe: (options: BusReadinessOptions) => Promise<Found>];

/** What is right and wrong with the bus, and with each group on it that trimming waits for; never rejects. */
export async function readinessOfBus(options: BusReadinessOptions): Promise<BusCheck[]> {
  const ofBus: Probe[] = [
    ['bus', settings],
    ['bus-position', position],
    ['bus-dead-letters', deadLetters],
    ['bus-groups', groups],
  ];
  const ofGroup: Probe[] = [
    ['bus-streams', streams],
    ['bus-lag', lag],
    ['bus-gaps', gaps],
  ];
  const required = await requiredGroups(options.redis, options.keys).catch(() => []);
  const others = required.filter((group) => group !== options.group).sort();
  return Promise.all([
    ...[...ofBus, ...ofGroup].map(async (probe) => look(options, probe)),
    ...others.flatMap((group) =>
      ofGroup.map(async ([name, probe]) =>
        look({ ...options, group }, [`${name}:${group}`, probe]),
      ),
    ),
  ]);
}

async function look(options: BusReadinessOptions, [name, probe]: Probe): Promise<BusCheck> {
  try {
    return { name, ...(await probe(options)) };
  } catch (error) {
    return { name, ok: false, detail: messageOf(error).slice(0, 200) };
  }
}

type Found = Pick<BusCheck, 'ok' | 'detail'>;

async function settings({ redis, keys }: BusReadinessOptions): Promise<Found> {
  const capabilities = await capabilitiesOf(redis, keys);
  requireSafe(capabilities);
  const { version, appendFsync } = capabilities;
  const what: Readonly<Record<typeof appendFsync, string>> = {
    always: 'every event is on disk before it is acknowledged',
    everysec: 'a crash of the machine may lose about a second of events',
    no: 'warning: a crash of the machine may lose what the operating system had not written yet',
    off: 'warning: the append-only file is off, a restart of Redis may lose events',
    unknown: 'how often it writes to disk is not known',
  };
  return { ok: true, detail: `Redis ${version}; ${what[appendFsync]}` };
}

async function streams({ redis, keys, group }: BusReadinessOptions): Promise<Found> {
  const missing: string[] = [];
  for (const stream of await registeredStreams(redis, keys, group)) {
    if ((await groupOf(redis, stream, group)) === null) missing.push(stream);
  }
  return missing.length === 0
    ? { ok: true, detail: 'all there' }
    : { ok: false, detail: `STREAM_MISSING: ${missing.join(', ')}` };
}

async function position({ redis, keys, group, floor }: BusReadinessOptions): Promise<Found> {
  const { position: greatest, through } = await progressOf(redis, keys, group);
  return greatest < floor
    ? { ok: false, detail: `STREAM_REWOUND: at ${greatest}, the graph is at ${floor}` }
    : { ok: true, detail: `at ${greatest}, everything up to ${through} is settled` };
}

async function lag(options: BusReadinessOptions): Promise<Found> {
  const { redis, keys, group, maxWaiting = 200_000, now } = options;
  const { waiting, waitingSince } = await progressOf(redis, keys, group);
  const seconds = waitingSince === null ? 0 : Math.max(0, (now() - waitingSince) / 1_000);
  const detail = `${waiting} events wait, the oldest for ${seconds.toFixed(1)} s`;
  return { ok: waiting <= maxWaiting, detail };
}

async function gaps({ redis, keys, group }: BusReadinessOptions): Promise<Found> {
  const { lost, noted } = await progressOf(redis, keys, group);
  const detail = `${lost} events were lost, ${noted} of them taken note of`;
  return { ok: lost <= noted, detail: lost === 0 ? 'none' : detail };
}

async function deadLetters({ redis, keys }: BusReadinessOptions): Promise<Found> {
  const [open, held] = await Promise.all([
    countDeadLetters({ redis, keys }),
    redis.xlen(keys.dead),
  ]);
  const isArchived = held <= 2 * DEAD_LETTER_LIMITS.letters;
  const detail = `${open} open, ${held} of all on the bus`;
  return {
    ok: isArchived,
    detail: isArchived ? detail : `${detail}: the writers do not get to archive the older ones`,
  };
}

async function groups({ redis, keys, now }: BusReadinessOptions): Promise<Found> {
  const stale = await staleGroups(redis, keys, now());
  return {
    ok: true,
    detail:
      stale.length === 0
        ? 'all seen lately'
        : `not seen for a day, and no longer waited for by trimming: ${stale.join(', ')}`,
  };
}
