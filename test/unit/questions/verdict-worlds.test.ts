import { describe, expect, it } from '@jest/globals';
import { vexIn } from '../../../src/questions/advisory.ts';
import type { ImpactItem } from '../../../src/questions/impact-item.ts';
import { judgeImpact } from '../../../src/questions/impact.ts';
import { graphOfEvents } from '../../support/fold-graph.ts';
import { createRandom } from '../../support/random.ts';
import { createWorld } from '../../support/verdict-world.ts';

const SEEDS = 500;

function judge(seed: number) {
  const world = createWorld(createRandom(seed), `w${seed}`);
  const graph = graphOfEvents(world.envelopes);
  const root = `Vulnerability:${world.advisory}`;
  const items = judgeImpact(graph, {
    ...{ root, history: false, truncated: false, vex: vexIn(graph, graph.aliases(root)) },
    deployments: world.deployments.map(({ key }) => `Deployment:${key}`),
  });
  return world.deployments.map((deployment, at) => ({ ...deployment, seed, item: items[at]! }));
}

describe('verdicts in random worlds, by an oracle that knows what is inside of every image', () => {
  const judged = Array.from({ length: SEEDS }, (_, seed) => judge(seed + 1)).flat();
  const told = ({ seed, key, item }: (typeof judged)[number]) =>
    [seed, key.replace(/^.*#/, ''), item.verdict, item.reason, item.detail].join(' ');

  it('NOT_AFFECTED is never said of what is affected', () => {
    const isFalse = ({ affected, item }: { affected: boolean; item: ImpactItem }) =>
      affected && item.verdict === 'NOT_AFFECTED';
    expect(judged.filter(isFalse).map(told)).toEqual([]);
  });

  it('AFFECTED is never said of what is not', () => {
    const isFalse = ({ affected, item }: { affected: boolean; item: ImpactItem }) =>
      !affected && item.verdict === 'AFFECTED';
    expect(judged.filter(isFalse).map(told)).toEqual([]);
  });

  it('each verdict is given often, and each doubt says what it is about', () => {
    const count = (verdict: ImpactItem['verdict']) =>
      judged.filter(({ item }) => item.verdict === verdict).length;
    expect(count('AFFECTED')).toBeGreaterThan(SEEDS / 10);
    expect(count('NOT_AFFECTED')).toBeGreaterThan(SEEDS / 10);
    expect(count('UNKNOWN')).toBeGreaterThan(SEEDS / 10);
    const doubts = judged.filter(({ item }) =>
      ['NOT_COMPARABLE', 'NAME_ONLY', 'REFERENCE_UNRESOLVED'].includes(item.reason),
    );
    expect(doubts.every(({ item }) => item.detail !== null)).toBe(true);
  });
});
