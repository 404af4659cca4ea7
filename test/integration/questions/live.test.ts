import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createReader, type Reader } from '../../../src/graph/read/reader.ts';
import { isLiveAt } from '../../../src/model/liveness.ts';
import { NOW } from '../../../src/model/moment.ts';
import { deploymentState } from '../../../src/model/states.ts';
import { event } from '../../support/events.ts';
import { createPipeline, type Pipeline } from '../../support/pipeline.ts';
import { sharedServers } from '../../support/servers.ts';

/** Histories, each of an environment of its own. */
const WITH_STATES = 20;
const STATES = [
  ...['CREATED', 'QUEUED', 'WAITING', 'RUNNING', 'COMPLETED'],
  ...['FAILED', 'ROLLED_BACK', 'REMOVED', 'UNKNOWN'],
];
const SEEDS = Number(process.env['STEMMA_LIVE_SEEDS'] ?? 250);
const DEPLOYMENTS = 7;
const START = Date.parse('2026-11-01T00:00:00Z');

describe('what is live now', () => {
  let pipeline: Pipeline;
  let reader: Reader;
  beforeAll(async () => {
    pipeline = await createPipeline(sharedServers());
    await pipeline.startWriter();
    reader = createReader(pipeline.graph, pipeline.statements);
  });
  afterAll(async () => pipeline.stop());

  const scopeOf = (seed: number) => `live-${seed}-${pipeline.tag}`;

  it(`is what the whole histories of ${SEEDS} environments say: canaries, rollbacks, failures, equal times, what is withdrawn`, async () => {
    const histories = Array.from({ length: SEEDS }, (_, seed) => historyOf(seed));
    for (const { events } of histories) await pipeline.publish(events);
    await pipeline.caughtUp();
    expect(await pipeline.deadLetters()).toEqual([]);
    const answers: { expected: string[]; found: string[]; beside: string[] }[] = [];
    for (const [seed, { keys }] of histories.entries()) {
      const [lives, found, beside] = await Promise.all([
        reader.lives(keys, NOW.known, true),
        reader.live([`${scopeOf(seed)}/prod`]),
        reader.liveBeside(keys),
      ]);
      answers.push({
        expected: keys.filter((key) => isLiveAt(lives.get(key) ?? [], NOW.valid)).sort(),
        found: found.map(({ key }) => key).sort(),
        beside: [...beside].sort(),
      });
    }
    const problems = answers.filter(
      ({ expected, found, beside }) =>
        found.join() !== expected.join() || beside.join() !== expected.join(),
    );
    const live = answers.reduce((sum, { found }) => sum + found.length, 0);
    expect(problems).toEqual([]);
    expect(live).toBeGreaterThan(SEEDS);
  }, 240_000);

  it('reads of a slot with a long history only what can be live', async () => {
    const scope = `live-long-${pipeline.tag}`;
    const releases = Array.from({ length: 30 }, (_, at) => {
      const deployment = `https://deploy.example/${scope}/${at}`;
      const time = new Date(START + at * 60_000).toISOString();
      const of = (type: string, data: object) =>
        event(type, { deployment, ...data }, { id: `${type}-${at}`, source: scope, time });
      return [
        of('deployment.created', {
          ...{ environment: 'prod', scope, service: 'shop' },
          artifacts: [`sha256:${at.toString(16).padStart(4, '0').repeat(16)}`],
        }),
        of('deployment.completed', {}),
      ];
    });
    await pipeline.publish(releases.flat());
    await pipeline.caughtUp();
    const rows = await pipeline.graph.read(pipeline.statements.get('question/live'), {
      ...{ environments: [`${scope}/prod`], keys: null, whole: false },
    });
    const keys = rows.map((row) => (row.get('properties') as { key: string }).key);
    expect(keys).toEqual([`https://deploy.example/${scope}/29`]);
  });

  it('the lists that filter by state follow the rules of src/model/states.ts', async () => {
    const differing: unknown[] = [];
    for (let seed = 0; seed < WITH_STATES; seed += 1) {
      const environment = `${scopeOf(seed)}/prod`;
      const filter = {
        ...{ environments: [environment], services: null, namePrefix: null, resolved: null },
        ...{ since: null, until: null, states: {} },
      };
      const page = { limit: 100, position: null, backward: false, order: 'KEY' as const };
      const { items } = await reader.deployments({ ...filter, state: null }, page);
      expect(items.length).toBeGreaterThan(0);
      for (const state of STATES) {
        const listed = await reader.deployments({ ...filter, state }, page);
        const expected = items.filter((one) => deploymentState(one) === state);
        const [one, other] = [expected, listed.items].map((all) => all.map(({ key }) => key));
        if (one?.join() !== other?.join()) differing.push({ state, expected: one, listed: other });
      }
    }
    expect(differing).toEqual([]);
  }, 120_000);

  function historyOf(seed: number) {
    const next = random(seed);
    const scope = scopeOf(seed);
    const source = `https://cd.example/${scope}`;
    // some never report a completion, and some only mostly
    const isSilent = next(3) === 0;
    const keyOf = (at: number) => `${source}#d${at}`;
    const events: ReturnType<typeof event>[] = [];
    const tell = (type: string, at: number, time: number, data: object): void => {
      events.push(
        event(
          type,
          { deployment: `d${at}`, ...data },
          {
            source,
            id: `${events.length}`,
            time: new Date(START + time).toISOString(),
          },
        ),
      );
    };
    for (let at = 0; at < DEPLOYMENTS; at += 1) {
      // so few moments that some are equal
      const created = next(12);
      const later = () => created + next(6);
      const data = {
        ...{
          environment: 'prod',
          scope,
          service: next(4) === 0 ? undefined : `service-${next(2)}`,
        },
        ...(next(4) === 0 ? { instance: 'blue' } : {}),
        ...(next(4) === 0 ? { parallel: true } : {}),
        artifacts: next(8) === 0 ? [] : [`pkg:npm/${scope}@1.0.${at}`],
      };
      tell('deployment.created', at, created, data);
      // said again, later and in other words
      if (next(6) === 0) {
        tell('deployment.created', at, created + 1 + next(4), {
          ...data,
          service: next(3) === 0 ? undefined : 'service-0',
        });
      }
      if (next(8) === 0)
        tell('deployment.progressed', at, created, {
          phase: ['waiting', 'running', 'queued', 'baking'][next(4)],
        });
      if (!isSilent && next(4) > 0) tell('deployment.completed', at, later(), {});
      if (!isSilent && next(8) === 0) tell('deployment.completed', at, later(), {});
      if (next(5) === 0) tell('deployment.failed', at, later(), {});
      if (next(6) === 0) tell('deployment.removed', at, later(), {});
      if (next(5) === 0) {
        const to = next(2) === 0 ? {} : { to: `d${next(DEPLOYMENTS)}` };
        tell('deployment.rolledback', at, later(), to);
      }
    }
    const told = events.length;
    for (let at = 0; seed % 2 === 0 && at < told; at += 1) {
      if (next(8) > 0) continue;
      const claim = `${source} ${at}`;
      const rest = { source, id: `w${at}`, time: new Date(START + next(24)).toISOString() };
      events.push(event('claim.withdrawn', { claim }, rest));
    }
    for (let at = events.length - 1; at > 0; at -= 1) {
      const other = next(at + 1);
      [events[at], events[other]] = [events[other]!, events[at]!];
    }
    return { events, keys: Array.from({ length: DEPLOYMENTS }, (_, at) => keyOf(at)) };
  }
});

/** Whole numbers below a bound, the same for the same seed. */
function random(seed: number): (below: number) => number {
  let state = seed * 2_654_435_761 + 1;
  return (below) => {
    state = (Math.imul(state ^ (state >>> 15), 1 | state) + 0x6d2b79f5) | 0;
    const mixed = state ^ (state + Math.imul(state ^ (state >>> 7), 61 | state));
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}
