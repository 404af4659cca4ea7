import { describe, expect, it } from '@jest/globals';
import { graphOfEvents, upstreamOf } from '../../support/fold-graph.ts';
import { createIdentityWorld } from '../../support/identity-world.ts';
import { createRandom } from '../../support/random.ts';

const SEEDS = 500;

const lineages = Array.from({ length: SEEDS }, (_, index) => {
  const seed = index + 1;
  const world = createIdentityWorld(createRandom(seed), `i${seed}`);
  const graph = graphOfEvents(world.envelopes);
  return world.files.flatMap(({ names, madeBy }) =>
    names.map((name) => {
      const builds = [...upstreamOf(graph, `Artifact:${name}`)]
        .filter((id) => id.startsWith('Build:'))
        .map((id) => id.slice('Build:'.length));
      return { seed, name, builds, madeBy };
    }),
  );
}).flat();

describe('lineages in random worlds, by an oracle that knows which build made which file', () => {
  it(`never have a build that made nothing of the file (${SEEDS} seeds)`, () => {
    const strangers = lineages.flatMap(({ seed, name, builds, madeBy }) =>
      builds.filter((build) => !madeBy.has(build)).map((build) => `${seed}: ${name} <- ${build}`),
    );
    expect(strangers).toEqual([]);
  });

  it('have the builds that documents tell of, in most worlds all of them', () => {
    const known = lineages.filter(({ name }) => name.startsWith('sha256:'));
    const whole = known.filter(({ builds, madeBy }) => builds.length === madeBy.size);
    expect(known.every(({ builds }) => builds.length <= 4)).toBe(true);
    expect(whole.length / known.length).toBeGreaterThan(0.8);
  });
});
