import { randomInt } from 'node:crypto';
import { createClient as createSseClient } from 'graphql-sse';
import { createClient as createWsClient } from 'graphql-ws';
import { repairCounter } from '../../src/bus/log/repair.ts';
import type { ApiRole } from '../../src/roles/api.ts';
import { GRAPH } from '../../src/roles/graph.ts';
import { LIVE_SETTINGS, type LiveSettings } from '../../src/roles/live.ts';
import { createPipeline, type Pipeline } from './pipeline.ts';
import { sharedServers } from './servers.ts';

/** Far apart, so that no two services in one graph hand out the same log number. */
const FLOOR_STEP = 100_000;

export type LiveWorld = {
  readonly pipeline: Pipeline;
  readonly url: string;
  readonly api: ApiRole;
  /** The log number before the first one. */
  readonly floor: number;
  stop(): Promise<void>;
};

/** A bus of its own with an API and a writer; held back, the writer has stopped. */
export async function startLive({
  isHeld = false,
  live = {},
}: {
  readonly isHeld?: boolean;
  readonly live?: Partial<LiveSettings>;
} = {}): Promise<LiveWorld> {
  const floor = FLOOR_STEP * randomInt(10_000_000, 20_000_000);
  const pipeline = await createPipeline(sharedServers(), { producer: { floor } });
  const { redis, keys } = pipeline;
  await repairCounter(redis, keys, { group: GRAPH.name, floor, now: Date.now() });
  await redis.del(keys.gaps(GRAPH.name)); // nothing was lost
  await pipeline.startWriter();
  if (isHeld) await pipeline.stopWriters();
  const api = await pipeline.startApi({ live: { ...LIVE_SETTINGS, ...live } });
  return { pipeline, floor, api, url: api.address, stop: async () => pipeline.stop() };
}

export type Transport = 'ws' | 'sse';

export type Item = {
  readonly position: number;
  readonly event: { readonly eventId: string; readonly position: number } | null;
};

type Result<T> = {
  readonly data?: Readonly<Record<string, T>> | null;
  readonly errors?: readonly { readonly extensions?: Readonly<Record<string, unknown>> }[];
};

/** What a subscription with one field gives, by a client that never tries again; fails as the client does. */
export async function* subscribed<T = Item>(
  url: string,
  transport: Transport,
  query: string,
  variables: Record<string, unknown> = {},
): AsyncGenerator<T, void, undefined> {
  for await (const { data, errors } of results<T>(url, transport, query, variables)) {
    if (errors !== undefined) throw new Error(JSON.stringify(errors));
    yield Object.values(data ?? {})[0]!;
  }
}

export function results<T = Item>(
  url: string,
  transport: Transport,
  query: string,
  variables: Record<string, unknown> = {},
): AsyncIterableIterator<Result<T>> {
  if (transport === 'sse') {
    const client = createSseClient({ url: `${url}/graphql`, retryAttempts: 0 });
    return client.iterate({ query, variables }) as AsyncIterableIterator<Result<T>>;
  }
  const client = createWsClient({
    ...{ url: `${url.replace('http', 'ws')}/graphql`, retryAttempts: 0, lazyCloseTimeout: 0 },
    webSocketImpl: WebSocket,
  });
  return client.iterate({ query, variables }) as AsyncIterableIterator<Result<T>>;
}

export const EVENTS = `subscription ($filter: EventFilter, $after: Position, $at: EventStage! = APPLIED) {
  events(filter: $filter, after: $after, at: $at) { position event { eventId position } }
}`;

/** Reads until so many events have come; heartbeats are left out. */
export async function take(
  items: AsyncIterable<Item>,
  count: number,
): Promise<{ ids: string[]; position: number }> {
  const ids: string[] = [];
  let position = -1;
  for await (const item of items) {
    if (item.position < position) throw new Error(`${item.position} after ${position}`);
    ({ position } = item);
    if (item.event !== null) ids.push(item.event.eventId);
    if (ids.length >= count) break;
  }
  return { ids, position };
}
