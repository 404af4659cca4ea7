import DataLoader from 'dataloader';
import type { EntityReader } from '../graph/read/entities.ts';
import type { EventReader } from '../graph/read/events.ts';
import type {
  ContradictedName,
  CountRequest,
  NeighborReader,
  NeighborRequest,
} from '../graph/read/neighbors.ts';
import type { DefinitionReader } from '../graph/read/definitions.ts';
import type { EntityRecord, EventRecord, Neighbor, PageRequest } from '../graph/read/records.ts';
import type { LifeReader } from '../graph/read/subgraph-events.ts';
import type { Interval } from '../model/liveness.ts';
import { refId, type NodeRef } from '../model/node.ts';

export type NeighborKey = { readonly parent: number; readonly request: NeighborRequest };
export type NeighborCountKey = { readonly parent: number; readonly request: CountRequest };
/** A deployment, as far as it is known at a log number. */
export type LifeKey = { readonly deployment: string; readonly known: number };
export type EventsKey = PageRequest<number> & { readonly ref: string; readonly body: boolean };

/** What was withdrawn of deployments. */
export interface StandingLives {
  /**
   * Of the deployments with these keys (null = of all) of which something was withdrawn: the properties that still stand of what is
   * told of their lives, by key.
   */
  standing(
    keys: readonly string[] | null,
  ): Promise<ReadonlyMap<string, Readonly<Record<string, unknown>>>>;
}

/** Everything that a resolver asks for each parent: collected, and asked once for all of them. */
export type Loaders = {
  readonly entity: DataLoader<NodeRef, EntityRecord | null, string>;
  readonly event: DataLoader<string, EventRecord | null>;
  readonly neighbors: DataLoader<NeighborKey, readonly Neighbor[], string>;
  readonly neighborCounts: DataLoader<NeighborCountKey, number | null, string>;
  /** By internal number. */
  readonly contradicted: DataLoader<number, readonly ContradictedName[]>;
  readonly eventsOf: DataLoader<EventsKey, readonly EventRecord[], string>;
  /** When a deployment was live; null where no event tells of it. */
  readonly life: DataLoader<LifeKey, readonly Interval[] | null, string>;
  /** Keys of every repository of a number (`host/number`). */
  readonly repositoryNames: DataLoader<string, readonly string[]>;
  /** How far a gate or a watch (`<kind> <name>@<version>`) has looked at the log; null where it has not begun. */
  readonly automationProgress: DataLoader<string, number | null>;
  /** Log number by a time (ms). */
  readonly positionAt: DataLoader<number, number>;
  /** Whether a deployment that has a place is live now. */
  readonly live: DataLoader<string, boolean>;
  /** What stands of the life of a deployment of which something was withdrawn; null of all others. */
  readonly standing: DataLoader<string, Readonly<Record<string, unknown>> | null>;
};

export function createLoaders(
  reader: Pick<EntityReader, 'byRefs' | 'repositoryNames'> &
    Pick<EventReader, 'byKeys' | 'eventsOf' | 'positionAt'> &
    Pick<LifeReader, 'lives' | 'liveBeside'> &
    Pick<DefinitionReader, 'automationProgress'> &
    NeighborReader,
  history: StandingLives | null,
): Loaders {
  return {
    entity: new DataLoader(
      async (refs) => {
        const found = await reader.byRefs(refs);
        return refs.map((ref) => found.get(refId(ref)) ?? null);
      },
      { cacheKeyFn: refId },
    ),
    event: new DataLoader(async (keys) => {
      const found = await reader.byKeys(keys);
      return keys.map((key) => found.get(key) ?? null);
    }),
    neighbors: byRequest(async (ids, request: NeighborRequest) => {
      const pages = await reader.neighbors(ids, request);
      return ids.map((id) => pages.get(id) ?? []);
    }),
    neighborCounts: byRequest(async (ids, request: CountRequest) => {
      const counts = await reader.neighborCounts(ids, request);
      return ids.map((id) => counts.get(id) ?? null);
    }),
    contradicted: new DataLoader(async (ids) => {
      const found = await reader.contradicted(ids);
      return ids.map((id) => found.get(id) ?? []);
    }),
    eventsOf: new DataLoader(
      async (keys) =>
        inGroups(
          keys,
          ({ position, backward, limit, body }) =>
            JSON.stringify([position, backward, limit, body]),
          async ([first, ...rest]) => {
            const refs = [first, ...rest].map(({ ref }) => ref);
            const pages = await reader.eventsOf(refs, first);
            return refs.map((ref) => pages.get(ref) ?? []);
          },
        ),
      { cacheKeyFn: (key) => JSON.stringify(key) },
    ),
    repositoryNames: new DataLoader(async (hostIds) => {
      const names = await reader.repositoryNames(hostIds);
      return hostIds.map((hostId) => names.get(hostId) ?? []);
    }),
    automationProgress: new DataLoader(async (ids) => {
      const progress = await reader.automationProgress(ids);
      return ids.map((id) => progress.get(id) ?? null);
    }),
    positionAt: new DataLoader(async (times) =>
      Promise.all(times.map(async (time) => reader.positionAt(time))),
    ),
    live: new DataLoader(async (keys) => {
      const live = await reader.liveBeside(keys);
      return keys.map((key) => live.has(key));
    }),
    standing: new DataLoader(async (keys) => {
      const lives = await history?.standing(keys);
      return keys.map((key) => lives?.get(key) ?? null);
    }),
    life: new DataLoader(
      async (keys) =>
        inGroups(
          keys,
          ({ known }) => String(known),
          async ([first, ...rest]) => {
            const deployments = [first, ...rest].map(({ deployment }) => deployment);
            const lives = await reader.lives(deployments, first.known, false);
            return deployments.map((deployment) => lives.get(deployment) ?? null);
          },
        ),
      { cacheKeyFn: (key) => JSON.stringify(key) },
    ),
  };
}

/** One query for all parents of which the same is asked. */
function byRequest<R, V>(load: (ids: number[], request: R) => Promise<V[]>) {
  type Key = { readonly parent: number; readonly request: R };
  return new DataLoader<Key, V, string>(
    async (keys) =>
      inGroups(
        keys,
        ({ request }) => JSON.stringify(request),
        async ([first, ...rest]) =>
          load(
            [first, ...rest].map(({ parent }) => parent),
            first.request,
          ),
      ),
    { cacheKeyFn: ({ parent, request }) => `${parent} ${JSON.stringify(request)}` },
  );
}

/** Loads keys in groups that one query can answer; the results come back in the order of the keys. */
async function inGroups<K, V>(
  keys: readonly K[],
  groupOf: (key: K) => string,
  load: (group: readonly [K, ...K[]]) => Promise<V[]>,
): Promise<(V | Error)[]> {
  const results = new Array<V | Error>(keys.length);
  const groups = Map.groupBy(keys.keys(), (at) => groupOf(keys[at] as K)); // `at` is an index of `keys`
  await Promise.all(
    [...groups.values()].map(async (places) => {
      const group = places.map((at) => keys[at] as K) as [K, ...K[]]; // groups are never empty
      const values = await load(group);
      places.forEach((at, index) => {
        results[at] = values[index] as V; // one for each key
      });
    }),
  );
  return results;
}
