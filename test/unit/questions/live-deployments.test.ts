import { describe, expect, it } from '@jest/globals';
import type { DeploymentFilter, ListPage } from '../../../src/graph/read/lists.ts';
import type { EntityRecord } from '../../../src/graph/read/records.ts';
import { readDeployments } from '../../../src/questions/ask/live-deployments.ts';
import type { Interval } from '../../../src/model/liveness.ts';
import { NOW } from '../../../src/model/moment.ts';
import { fakeReader } from '../../support/graphql.ts';

const FILTER: DeploymentFilter = {
  ...{ since: null, until: null, resolved: null, environments: null, services: null },
  ...{ state: null, states: {}, namePrefix: null },
};
const LIVE: Interval[] = [{ from: 1, until: null }];
const OVER: Interval[] = [{ from: 1, until: 2 }];
const COUNT = 20_000;
const keyAt = (at: number) => String(at).padStart(6, '0');

/** A list of deployments of which every thousandth is live, and nobody has stated those behind them. */
function createReader(count: number) {
  const portions: number[] = [];
  return {
    portions,
    live: async () =>
      Array.from({ length: count / 1_000 }, (_, at): EntityRecord => ({
        ...{ label: 'Deployment', key: keyAt(at * 1_000), internal: at * 1_000 },
      })),
    /** In the order of their keys, as the statement has them. */
    async deploymentsAmong(
      { keys }: DeploymentFilter & { readonly keys: readonly string[] },
      { limit, position, backward }: ListPage,
    ) {
      const all = keys.toSorted();
      if (backward) all.reverse();
      const rest = position === null ? all : all.filter((key) => key > position.key !== backward);
      const items = rest.slice(0, limit).map((key): EntityRecord => ({
        ...{ label: 'Deployment', key, internal: Number(key) },
      }));
      return { items, more: rest.length > limit };
    },
    async deployments(_: DeploymentFilter, { limit, position, backward }: ListPage) {
      portions.push(limit);
      const all = Array.from({ length: count }, (_item, at) => keyAt(at));
      if (backward) all.reverse();
      const rest = position === null ? all : all.slice(all.indexOf(position.key) + 1);
      const items = rest.slice(0, limit).map((key): EntityRecord => ({
        ...{ label: 'Deployment', key, internal: Number(key) },
      }));
      return { items, more: rest.length > limit };
    },
    lives: async (keys: readonly string[]) =>
      new Map(
        keys.flatMap((key) =>
          Number(key) % 1_000 === 1 ? [] : [[key, Number(key) % 1_000 === 0 ? LIVE : OVER]],
        ),
      ),
  };
}

describe('deployments that are live', () => {
  const positionOf = ({ key }: { readonly key: string }) => ({ key, at: null });
  const read = async (page: Partial<ListPage>, live: boolean | null = true) => {
    const reader = createReader(COUNT);
    const request: ListPage = {
      ...{ limit: 3, position: null, backward: false, order: 'KEY' },
      ...page,
    };
    const { items, more } = await readDeployments(
      fakeReader(reader),
      { live, at: NOW },
      FILTER,
      request,
      positionOf,
    );
    return { at: items.map(({ internal }) => internal), more, portions: reader.portions };
  };

  it('gives a page of those that are live, and says whether there is more', async () => {
    expect(await read({})).toMatchObject({ at: [0, 1_000, 2_000], more: true });
    expect(await read({ position: positionOf({ key: keyAt(16_500) }) })).toMatchObject({
      ...{ at: [17_000, 18_000, 19_000], more: false },
    });
    expect(await read({ position: positionOf({ key: keyAt(19_000) }) })).toMatchObject({
      at: [],
      more: false,
    });
  });

  it('reads backwards as well', async () => {
    expect(
      await read({ backward: true, position: positionOf({ key: keyAt(2_500) }) }),
    ).toMatchObject({
      ...{ at: [2_000, 1_000, 0], more: false },
    });
    expect((await read({ backward: true })).at).toEqual([19_000, 18_000, 17_000]);
  });

  it('gives those that are not live, and neither way what nobody has stated', async () => {
    expect(await read({}, false)).toMatchObject({ at: [2, 3, 4], more: true });
    expect(await read({}, null)).toMatchObject({ at: [0, 1, 2], more: true, portions: [3] });
  });

  it('looks at more and more at once, up to a bound, for those that are not', async () => {
    const { portions, at } = await read({ limit: 12_000 }, false);
    expect(portions).toEqual([12_001, 5_000]);
    expect(at).toHaveLength(12_000);
  });
});
