import { DOMAINS, type Domain } from '../model/events/catalogue.ts';

/**
 * Names in Redis. One hash tag, so that one script may touch them all on a Redis Cluster; a further log (of a tenant, say) is a
 * further tag.
 */
export type BusKeys = {
  readonly counter: string;
  /** Identities seen lately, in two generations. */
  readonly seen: readonly [string, string];
  readonly stream: (domain: Domain) => string;
  readonly streams: readonly string[];
  readonly dead: string;
  /** Hash: id of a dead letter → what was decided about it. */
  readonly deadMarks: string;
  /** Hash: log number of an event → id of the dead letter that it became for a group. */
  readonly deadByPosition: (group: string) => string;
  /** Hash: what of the dead letters is archived: `through` the greatest log number of any, `open` how many nobody has decided about. */
  readonly deadArchive: string;
  /** Hash: what the role metrics has counted, and up to which log number. */
  readonly counts: string;
  /**
   * What watches do: a sorted set of deliveries by the time at which they are due, what each is, how often it was tried, the bytes of all of them, and
   * how many deliveries of each watch failed in a row.
   */
  readonly deliveries: (what: 'due' | 'bodies' | 'attempts' | 'bytes' | 'failures') => string;
  /** Hash: group → when it was last seen, ms. */
  readonly groups: string;
  /** Set of the groups that hold back trimming for as long as it takes. */
  readonly required: string;
  /** Set of the streams that a group has ever read. */
  readonly registered: (group: string) => string;
  /** Hash: how far a group has come (settle.lua). */
  readonly progress: (group: string) => string;
  /** Bitmap of the log numbers that a group has settled beyond that. */
  readonly settled: (group: string) => string;
  /** List of log numbers that a group never saw. */
  readonly gaps: (group: string) => string;
  /** Hash: `stream id` → redeliveries that were tried. */
  readonly attempts: (group: string) => string;
  /** Holds the token of a consumer's process, and lives while that lives. */
  readonly heartbeat: (group: string, consumer: string) => string;
  /** Pub/sub: what became of log numbers for a group. */
  readonly reports: (group: string) => string;
};

export function busKeys(tag = 'stemma'): BusKeys {
  const prefix = `{${tag}}`;
  const stream = (domain: Domain): string => `${prefix}:events:${domain}`;
  return {
    counter: `${prefix}:n`,
    seen: [`${prefix}:seen:new`, `${prefix}:seen:old`],
    stream,
    streams: DOMAINS.map(stream),
    dead: `${prefix}:dead`,
    deadMarks: `${prefix}:dead:marks`,
    deadByPosition: (group) => `${prefix}:dead:n:${group}`,
    deadArchive: `${prefix}:dead:archive`,
    counts: `${prefix}:counts`,
    deliveries: (what) => `${prefix}:deliveries:${what}`,
    groups: `${prefix}:groups`,
    required: `${prefix}:groups:required`,
    progress: (group) => `${prefix}:progress:${group}`,
    settled: (group) => `${prefix}:settled:${group}`,
    gaps: (group) => `${prefix}:gaps:${group}`,
    registered: (group) => `${prefix}:registered:${group}`,
    attempts: (group) => `${prefix}:attempts:${group}`,
    heartbeat: (group, consumer) => `${prefix}:consumer:${group}:${consumer}`,
    reports: (group) => `${prefix}:reports:${group}`,
  };
}
