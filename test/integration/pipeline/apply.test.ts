import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { computeDigests } from '../../../src/graph/digest.ts';
import { event, hex } from '../../support/events.ts';
import { createPipeline, type Pipeline } from '../../support/pipeline.ts';
import { sharedServers } from '../../support/servers.ts';

let pipeline: Pipeline;
beforeAll(async () => {
  pipeline = await createPipeline(sharedServers());
  await pipeline.startWriter();
});
afterAll(() => pipeline.stop());

const digest = (seed: string): string => `sha256:${hex(seed)}`;

describe('from the bus to the graph', () => {
  test('a build with its commit and artifacts becomes nodes and edges', async () => {
    const published = await pipeline.publish([
      event('build.completed', {
        build: 'https://ci.example/runs/apply-1',
        commit: hex('apply-commit', 40),
        outcome: 'success',
        artifacts: [{ digest: digest('apply-a'), name: 'app.tgz' }],
      }),
    ]);
    expect(published.map((result) => result.outcome)).toEqual(['appended']);
    await pipeline.caughtUp();
    expect(await pipeline.deadLetters()).toEqual([]);
    const digests = await computeDigests(pipeline.graph, pipeline.statements);
    expect(digests.content.parts['GENERATED_BY']!.count).toBeGreaterThan(0);
  });

  test('a poisonous entry is parked and its neighbours go on', async () => {
    await pipeline.append(pipeline.keys.stream('build'), {
      n: 1_000_001,
      acceptedAt: 1,
      e: '{not json',
    });
    await pipeline.publish([event('build.started', { build: 'https://ci.example/runs/apply-2' })]);
    await pipeline.caughtUp();
    const dead = await pipeline.deadLetters();
    expect(dead).toHaveLength(1);
    expect(dead[0]).toMatchObject({ code: 'EVENT_MALFORMED', attempts: '1', e: '{not json' });
  });
});
