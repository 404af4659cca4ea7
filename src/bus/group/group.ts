import { hostname } from 'node:os';
import { randomBytes } from 'node:crypto';
import type { Domain } from '../../model/events/catalogue.ts';
import { combineConsumers } from './combined.ts';
import { createConsumer } from './consumer.ts';
import type { Entry } from '../log/entry.ts';
import { followGroup, type FollowedGroup, type FollowOptions, type Follower } from './follow.ts';
import { beginGroup, ensureGroup, registeredStreams, registerGroup } from './groups.ts';
import { startMaintenance, type MaintenanceOptions } from './maintenance.ts';
import type { Consumer, ConsumerOptions } from './member.ts';
import { createOrderedConsumer } from './ordered.ts';
import { repairCounter } from '../log/repair.ts';

/** A group whose members acknowledge: everything about it that does not depend on the process which plays it. */
export type GroupDefinition = {
  readonly name: string;
  /**
   * Whether it holds back trimming for as long as it takes. Another group that was not seen for a day no longer does, and finds
   * what was trimmed in the log.
   */
  readonly required: boolean;
  /**
   * Whether its entries come in the order of their log numbers, over all streams, to one member at a time; otherwise each stream
   * has an order of its own and the members share the work.
   */
  readonly ordered: boolean;
  /** What it reads. */
  readonly domains: readonly Domain[];
  /** Domains whose events are large: read by a consumer of their own, so many at a time, so that the small ones do not wait. */
  readonly apart?: { readonly domains: readonly Domain[]; readonly batchSize: number };
  /** Whether it writes events to the log, so that the streams may be trimmed below what it has acknowledged: of one group only. */
  readonly writesLog?: boolean;
};

/**
 * Defines a consumer group of one of three kinds: its members share the work; they take turns, in the order of the log; or each follows
 * the log by itself and acknowledges nothing.
 *
 * @throws TypeError where the name would not do as a part of keys in Redis
 */
export function defineGroup<D extends GroupDefinition | FollowedGroup>(definition: D): Readonly<D> {
  if (!/^[a-z][a-z0-9-]{0,31}$/.test(definition.name)) {
    throw new TypeError(`'${definition.name}' is not a name of a consumer group: [a-z][a-z0-9-]*`);
  }
  return Object.freeze(definition);
}

export type GroupOptions = Pick<
  ConsumerOptions,
  | 'redis'
  | 'connectReader'
  | 'keys'
  | 'process'
  | 'now'
  | 'log'
  | 'batchSize'
  | 'maxInFlight'
  | 'claimIdleMs'
  | 'claimEveryMs'
  | 'heartbeatMs'
> & {
  /** Of the consumer; unique in the group. */
  readonly name?: string;
  /** Of the domains of the group, those that this process reads; default: all. */
  readonly domains?: readonly Domain[];
  /** How often streams are trimmed and lost events are looked for. */
  readonly maintenanceMs?: number;
  /** Read what is left from the beginning where streams have vanished, and mend the counter of log numbers. */
  readonly recreate?: boolean;
  /** The greatest log number in the graph. */
  readonly greatestPosition: number;
  readonly onLost?: (count: number) => void;
  /** Where the dead letters of all groups go that the bus has no room for; left out: another group sees to that. */
  readonly deadLetters?: MaintenanceOptions['deadLetters'];
};

/**
 * Joins a group: reads, claims, counts attempts, settles, dead-letters, reports, and looks for what was lost. A group that acknowledges
 * nothing is followed instead.
 *
 * @throws StemmaError STREAM_MISSING where Redis has lost streams that were there before, CONSUMER_NAME_IN_USE; of a group that is
 *   followed: POSITION_EXPIRED, STREAM_REWOUND
 */
export async function startGroup(
  definition: GroupDefinition,
  options: GroupOptions,
): Promise<Consumer>;
export async function startGroup(
  definition: FollowedGroup,
  options: FollowOptions,
): Promise<Follower>;
export async function startGroup(
  ...joined: [GroupDefinition, GroupOptions] | [FollowedGroup, FollowOptions]
): Promise<Consumer | Follower> {
  return isFollowed(joined) ? followGroup(...joined) : joinGroup(...joined);
}

function isFollowed(
  joined: [GroupDefinition, GroupOptions] | [FollowedGroup, FollowOptions],
): joined is [FollowedGroup, FollowOptions] {
  return 'acknowledges' in joined[0];
}

async function joinGroup(definition: GroupDefinition, options: GroupOptions): Promise<Consumer> {
  const { redis, keys, now, log } = options;
  const { name: group, apart } = definition;
  const domains = definition.domains.filter((one) => options.domains?.includes(one) ?? true);
  await ensureStreams(definition, domains.map(keys.stream), options);

  const name = options.name ?? uniqueName();
  const create = definition.ordered ? createOrderedConsumer : createConsumer;
  const consume = (some: readonly Domain[], suffix: string, batchSize?: number): Consumer =>
    create({
      ...{ redis, connectReader: options.connectReader, keys, now, log, group },
      name: `${name}${suffix}`,
      streams: some.map(keys.stream),
      process: passingOver(group, options.process),
      onLost(entries) {
        log.error(
          { group, entries: entries.map(({ id, stream }) => `${stream} ${id}`) },
          'EVENT_LOST',
        );
      },
      ...given({
        batchSize: batchSize ?? options.batchSize,
        maxInFlight: options.maxInFlight,
        claimIdleMs: options.claimIdleMs,
        claimEveryMs: options.claimEveryMs,
        heartbeatMs: options.heartbeatMs,
      }),
    });
  const isApart = (domain: Domain): boolean => apart?.domains.includes(domain) ?? false;
  const together = domains.filter((domain) => !isApart(domain));
  const large = domains.filter(isApart);
  const consumer = combineConsumers([
    ...(together.length === 0 ? [] : [consume(together, '')]),
    ...(large.length === 0 ? [] : [consume(large, `-${large.join('-')}s`, apart?.batchSize)]),
  ]);
  await consumer.start();
  const maintenance = startMaintenance({
    ...{ redis, keys, group, now, log, trims: definition.writesLog ?? false },
    ...given({ everyMs: options.maintenanceMs, deadLetters: options.deadLetters }),
    onGaps(gaps) {
      options.onLost?.(gaps.reduce((count, { from, to }) => count + to - from + 1, 0));
    },
  });
  return {
    ...consumer,
    async stop(graceMs) {
      await Promise.all([maintenance.stop(), consumer.stop(graceMs)]);
    },
  };
}

/** Entries that are meant for another group are settled without being processed. */
function passingOver(
  group: string,
  process: ConsumerOptions['process'],
): ConsumerOptions['process'] {
  const isForThis = ({ onlyFor }: Entry): boolean => onlyFor === null || onlyFor === group;
  return async (entries, signal, attempts) => {
    if (entries.every(isForThis)) return process(entries, signal, attempts);
    const own = entries.filter(isForThis);
    const settled = own.length === 0 ? [] : await process(own, signal, attempts);
    const rest = settled.values();
    return entries.map((entry) => {
      if (!isForThis(entry)) return { kind: 'duplicate', first: entry.n };
      const { value } = rest.next();
      if (value === undefined) throw new Error(`no settlement for the entry ${entry.id}`);
      return value;
    });
  };
}

async function ensureStreams(
  definition: GroupDefinition,
  streams: readonly string[],
  options: GroupOptions,
): Promise<void> {
  const { redis, keys, greatestPosition, recreate = false, now } = options;
  const { name: group, writesLog = false } = definition;
  const registered = await registeredStreams(redis, keys, group);
  // what the graph holds was on the bus, and its writers had read it
  const isNew = registered.size === 0 && !(writesLog && greatestPosition > 0);
  if (isNew && !writesLog) await beginGroup(redis, keys, group);
  for (const stream of streams) {
    const expectExisting = registered.has(stream) || (registered.size === 0 && !isNew);
    await ensureGroup(redis, stream, group, { expectExisting, recreate });
  }
  await registerGroup(redis, keys, definition, streams);
  if (recreate) {
    await repairCounter(redis, keys, { group, floor: greatestPosition, now: now() });
  }
}

/** Without what is undefined: exact optional properties are left out instead. */
function given<T extends object>(properties: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(
    Object.entries(properties).filter(([, value]) => value !== undefined),
  ) as { [K in keyof T]?: Exclude<T[K], undefined> }; // the same properties, less some
}

/** No two processes share a name, so a restarted one never takes its predecessor's entries for its own. */
function uniqueName(): string {
  return `${hostname()}-${process.pid}-${randomBytes(4).toString('hex')}`;
}
