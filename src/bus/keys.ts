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
  /** Set of the streams that a group has ever read. */
  readonly registered: (group: string) => string;
  /** Hash: `stream id` → redeliveries that were tried. */
  readonly attempts: (group: string) => string;
  /** Lives while a consumer lives. */
  readonly heartbeat: (group: string, consumer: string) => string;
  /** Pub/sub: what became of log numbers. */
  readonly applied: string;
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
    registered: (group) => `${prefix}:registered:${group}`,
    attempts: (group) => `${prefix}:attempts:${group}`,
    heartbeat: (group, consumer) => `${prefix}:consumer:${group}:${consumer}`,
    applied: `${prefix}:applied`,
  };
}
