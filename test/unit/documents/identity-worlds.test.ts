import { describe, expect, it } from '@jest/globals';
import { EDGE_KINDS } from '../../../src/model/edge.ts';
import type { Subgraph } from '../../../src/questions/subgraph.ts';
import { graphOfEvents } from '../../support/fold-graph.ts';
import { createIdentityWorld } from '../../support/identity-world.ts';
import { createRandom } from '../../support/random.ts';

const SEEDS = 500;

/** Everything upstream, by the roles of the edges: derivations along their direction, identities both ways. */
function upstream(graph: Subgraph, root: string): Set<string> {
  const found = new Set([root]);
  for (const id of found) {
    for (const { type, to } of graph.out(id)) {
      if (['derivation', 'identity'].includes(EDGE_KINDS[type].role)) found.add(to);
    }
    for (const { type, from } of graph.into(id)) {
      if (EDGE_KINDS[type].role === 'identity') found.add(from);
    }
  }
  return found;
}

const lineages = Array.from({ length: SEEDS }, (_, index) => {
  const seed = index + 1;
  const world = createIdentityWorld(createRandom(seed), `i${seed}`);
  const graph = graphOfEvents(world.envelopes);
  return world.files.flatMap(({ names, madeBy }) =>
    names.map((name) => {
      const builds = [...upstream(graph, `Artifact:${name}`)]
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
