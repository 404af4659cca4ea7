import { describe, expect, it } from '@jest/globals';
import { vexIn } from '../../../src/questions/advisory.ts';
import { fixedIn } from '../../../src/questions/fixed-in.ts';
import type { ImpactItem } from '../../../src/questions/impact-item.ts';
import { judge as judgeAll } from '../../../src/questions/impact.ts';
import { createIncident } from '../../../src/questions/incident.ts';
import { graphOfEvents } from '../../support/fold-graph.ts';
import { createRandom } from '../../support/random.ts';
import { createWorld } from '../../support/verdict-world.ts';

/** More than the suite needs: STEMMA_VERDICT_SEEDS=2000. */
const SEEDS = Number(process.env['STEMMA_VERDICT_SEEDS'] ?? 500);

function judge(seed: number) {
  const world = createWorld(createRandom(seed), `w${seed}`);
  const graph = graphOfEvents(world.envelopes);
  const root = `Vulnerability:${world.advisory}`;
  const names = graph.aliases(root);
  const judged = judgeAll(graph, {
    ...{ root, history: false, truncated: false, vex: vexIn(graph, names) },
    deployments: world.deployments.map(({ key }) => `Deployment:${key}`),
  });
  const incident = createIncident(graph, judged);
  return world.deployments.map((deployment, at) => {
    const item = judged.items[at]!;
    const matches = judged.matchesOf(item);
    return {
      ...{ ...deployment, seed, item, matches, fixed: world.fixed },
      fixedIn: matches.flatMap((match) => fixedIn(graph, names, match) ?? []),
      liveFixes: incident
        .fixesOf(item)
        .map((fix) => world.deployments.find(({ key }) => fix.deployment === `Deployment:${key}`)!),
    };
  });
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

  it('what is affected has something that matches, and what is cleared has nothing', () => {
    const isWrong = ({ item, matches }: (typeof judged)[number]) =>
      matches.length > 0 !== (item.verdict === 'AFFECTED') && item.verdict !== 'UNKNOWN';
    expect(judged.filter(isWrong).map(told)).toEqual([]);
  });

  it('the first fixed version is the one that is, or is not known', () => {
    const isWrong = ({ item, fixed, fixedIn: found }: (typeof judged)[number]) =>
      item.verdict === 'AFFECTED' && found.some((version) => version !== fixed);
    const known = judged.filter(({ fixedIn: found }) => found.length > 0);
    expect(judged.filter(isWrong).map((one) => `${told(one)} ${one.fixedIn.join()}`)).toEqual([]);
    expect(known.length).toBeGreaterThan(SEEDS / 50);
  });

  it('no live fix has what is affected', () => {
    const fixes = judged.flatMap(({ liveFixes }) => liveFixes);
    expect(fixes.filter(({ affected }) => affected)).toEqual([]);
    expect(fixes.length).toBeGreaterThan(SEEDS / 250);
  });
});
