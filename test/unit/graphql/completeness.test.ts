import { afterEach, describe, expect, it } from '@jest/globals';
import type { EntityRecord } from '../../../src/graph/read/records.ts';
import { toId } from '../../../src/graphql/ids.ts';
import { createTestGraphql, fakeReader, type Asked } from '../../support/graphql.ts';

/** What answers claim of their own completeness. */

let asked: Asked;
afterEach(async () => asked.graphql.stop());

const ROOT = {
  ...{ label: 'Commit', key: 'c'.repeat(40), resolved: true, facets: {}, properties: {} },
} as unknown as EntityRecord; // only what these questions look at

function reading(through: number | null) {
  const order: string[] = [];
  const reader = fakeReader({
    byRefs: async () => (order.push('graph'), new Map([[`Commit:${'c'.repeat(40)}`, ROOT]])),
    lineage: async () => (
      order.push('graph'),
      { root: ROOT, nodes: [], edges: async () => [], truncatedBy: async () => null }
    ),
    events: async (_filter: unknown, page: { position: number | null }) =>
      (order.push(`events below ${page.position}`),
      { items: [{ n: 7, acceptedAt: 5 }], hasMore: false }) as never,
  });
  const busState = async () => {
    order.push('bus');
    if (through === null) throw new Error('away');
    return {
      acceptedPosition: through,
      throughPosition: through,
      lagSeconds: 0,
      deadLettered: 0,
      gaps: 0,
    };
  };
  return { order, reader, busState };
}

const QUESTION = `{ lineage(of: "${toId({ label: 'Commit', key: 'c'.repeat(40) })}", direction: UPSTREAM) { root { key } completeness { throughPosition throughTime } } }`;

describe('completeness', () => {
  it('is read before the graph, so that it never claims what the answer cannot know', async () => {
    const { order, ...parts } = reading(7);
    asked = await createTestGraphql(parts);
    const { data, errors } = await asked.ask(QUESTION);
    expect(errors).toEqual([]);
    expect(data.lineage.completeness.throughPosition).toBe(7);
    expect(order[0]).toBe('bus');
    expect(order.filter((what) => what === 'bus')).toHaveLength(1);
  });

  it('is unknown where the bus does not answer: smaller log numbers than the newest may be on their way', async () => {
    const { reader, busState } = reading(null);
    asked = await createTestGraphql({ reader, busState });
    const { data, errors } = await asked.ask(QUESTION);
    expect(errors).toEqual([]);
    expect(data.lineage.completeness).toEqual({ throughPosition: null, throughTime: null });
  });
});
