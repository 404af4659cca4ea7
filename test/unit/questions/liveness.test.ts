import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { isLiveAt, liveIntervals, type DeploymentFact } from '../../../src/model/liveness.ts';

let count = 0;
function fact(
  deployment: string,
  kind: DeploymentFact['kind'],
  at: number,
  rest: Partial<DeploymentFact> = {},
): DeploymentFact {
  count += 1;
  return {
    deployment,
    kind,
    at,
    tie: `e${count}`,
    ...(kind === 'created' ? { slot: 's' } : {}),
    ...rest,
  };
}

/** Deployments that are live at each of the times. */
function liveAt(facts: readonly DeploymentFact[], ...times: number[]): string[] {
  const intervals = liveIntervals(facts);
  return times.map((at) =>
    [...intervals]
      .filter(([, own]) => isLiveAt(own, at))
      .map(([key]) => key)
      .sort()
      .join(' '),
  );
}

describe('liveness', () => {
  it('lasts from completion until the next success of the slot', () => {
    const facts = [
      fact('a', 'created', 1),
      fact('a', 'completed', 3),
      fact('b', 'created', 5),
      fact('b', 'completed', 7),
    ];
    expect(liveAt(facts, 1, 2, 3, 5, 6, 7, 99)).toEqual(['', '', 'a', 'a', 'a', 'b', 'b']);
  });

  it('begins at creation where nobody reports completion, unless it failed', () => {
    expect(liveAt([fact('a', 'created', 1)], 0, 1)).toEqual(['', 'a']);
    const failed = [fact('a', 'created', 1), fact('b', 'created', 2), fact('b', 'failed', 4)];
    expect(liveAt(failed, 1, 2, 3, 5)).toEqual(['a', 'a', 'a', 'a']);
  });

  it('ends by removal, and by a deployment of nothing', () => {
    expect(liveAt([fact('a', 'created', 1), fact('a', 'removed', 3)], 2, 3)).toEqual(['a', '']);
    const nothing = [
      fact('a', 'created', 1),
      fact('none', 'created', 3, { empty: true }),
      fact('none', 'completed', 3),
      fact('none', 'removed', 3),
    ];
    expect(liveAt(nothing, 2, 3, 4)).toEqual(['a', '', '']);
  });

  it('is given back by a rollback to the one before, or to the one that it names', () => {
    const three = [fact('a', 'created', 1), fact('b', 'created', 2), fact('c', 'created', 3)];
    expect(liveAt([...three, fact('c', 'rolledback', 4)], 3, 4)).toEqual(['c', 'b']);
    expect(liveAt([...three, fact('c', 'rolledback', 4, { to: 'a' })], 3, 4)).toEqual(['c', 'a']);
    const twice = [...three, fact('c', 'rolledback', 4), fact('b', 'rolledback', 5)];
    expect(liveAt(twice, 4, 5)).toEqual(['b', 'a']);
  });

  it('does not come back to what was removed or rolled back before', () => {
    const facts = [
      fact('a', 'created', 1),
      fact('b', 'created', 2),
      fact('b', 'rolledback', 3),
      fact('c', 'created', 4),
      fact('c', 'rolledback', 5),
    ];
    expect(liveAt(facts, 3, 4, 5)).toEqual(['a', 'c', 'a']);
    const removed = [
      fact('a', 'created', 1),
      fact('b', 'created', 2),
      fact('a', 'removed', 3),
      fact('b', 'rolledback', 4),
    ];
    expect(liveAt(removed, 3, 4)).toEqual(['b', '']);
  });

  it('is left alone by a rollback of what was not live any more', () => {
    const facts = [fact('a', 'created', 1), fact('b', 'created', 2), fact('a', 'rolledback', 3)];
    expect(liveAt(facts, 3)).toEqual(['b']);
  });

  it('is shared only where both say that they are parallel', () => {
    const stable = { slot: 's', parallel: true };
    expect(
      liveAt([fact('a', 'created', 1, stable), fact('canary', 'created', 2, stable)], 2),
    ).toEqual(['a canary']);
    expect(liveAt([fact('a', 'created', 1), fact('canary', 'created', 2, stable)], 2)).toEqual([
      'canary',
    ]);
    const next = [
      fact('a', 'created', 1, stable),
      fact('canary', 'created', 2, stable),
      fact('b', 'created', 3),
    ];
    expect(liveAt(next, 3)).toEqual(['b']);
  });

  it('is separate in other slots, and for deployments that nobody has described', () => {
    const facts = [
      fact('a', 'created', 1),
      fact('b', 'created', 2, { slot: 't' }),
      fact('c', 'completed', 3),
    ];
    expect(liveAt(facts, 3)).toEqual(['a b c']);
  });

  const facts = fc
    .array(
      fc.record({
        deployment: fc.constantFrom('a', 'b', 'c', 'd'),
        kind: fc.constantFrom<DeploymentFact['kind'][]>(
          'created',
          'completed',
          'failed',
          'removed',
          'rolledback',
        ),
        at: fc.integer({ min: 0, max: 12 }),
        to: fc.option(fc.constantFrom('a', 'b', 'c'), { nil: undefined }),
        parallel: fc.boolean(),
      }),
      { maxLength: 12 },
    )
    .map((list) =>
      list.map(({ deployment, kind, at, to, parallel }, index): DeploymentFact => ({
        ...{ deployment, kind, at, tie: `e${index}` },
        ...(kind === 'created' ? { slot: 's', parallel: parallel && deployment !== 'a' } : {}),
        ...(kind === 'rolledback' && to !== undefined ? { to } : {}),
      })),
    );

  it('does not depend on the order of arrival, nor on duplicates', () => {
    fc.assert(
      fc.property(facts, fc.infiniteStream(fc.nat()), (list, random) => {
        const shuffled = list
          .concat(list)
          .map((one) => [random.next().value as number, one] as const)
          .sort(([a], [b]) => a - b)
          .map(([, one]) => one);
        const times = Array.from({ length: 14 }, (_, at) => at);
        expect(liveAt(shuffled, ...times)).toEqual(liveAt(list, ...times));
      }),
      { numRuns: 200 },
    );
  });

  it('is what a walk from event to event finds', () => {
    fc.assert(
      fc.property(facts, (list) => {
        for (let at = 0; at < 14; at += 1) expect(liveAt(list, at)).toEqual([oracle(list, at)]);
      }),
      { numRuns: 300 },
    );
  });
});

/**
 * The rules once more, recursively: a deployment is live at a time if its last turn before it was to start (or to be started
 * again) and nothing has ended that since. Only for distinct times of turns: others are skipped.
 */
function oracle(facts: readonly DeploymentFact[], at: number): string {
  const described = (key: string) =>
    facts.some((one) => one.deployment === key && one.kind === 'created');
  const newestCreated = (key: string) =>
    facts
      .filter((one) => one.deployment === key && one.kind === 'created')
      .sort((a, b) => b.at - a.at || (a.tie < b.tie ? 1 : -1))[0];
  const isParallel = (key: string) => newestCreated(key)?.parallel === true;
  const startsOf = (key: string) => {
    const own = facts.filter((one) => one.deployment === key);
    const completed = own.filter(({ kind }) => kind === 'completed');
    if (completed.length > 0) return completed;
    const failures = own.filter(({ kind }) => kind === 'failed').map((one) => one.at);
    return own.filter(
      ({ kind, at: time }) => kind === 'created' && !failures.some((one) => one >= time),
    );
  };
  const keys = [...new Set(facts.map(({ deployment }) => deployment))];
  const liveIn = (slot: readonly string[]): string[] => {
    type Turn = { at: number; key: string; tie: string; kind: string; to: string | undefined };
    const turns: Turn[] = slot.flatMap((key) => [
      ...startsOf(key).map((one) => ({ ...one, key, kind: 'start', to: undefined })),
      ...facts
        .filter(
          (one) => one.deployment === key && ['failed', 'removed', 'rolledback'].includes(one.kind),
        )
        .map((one) => ({ ...one, key, to: one.to === key ? undefined : one.to })),
    ]);
    const place = (turn: Turn) => {
      if (turn.kind === 'start') return 1;
      return startsOf(turn.key).some((one) => one.at < turn.at) ? 0 : 2;
    };
    turns.sort((a, b) => a.at - b.at || place(a) - place(b) || (a.tie < b.tie ? -1 : 1));
    /** Every deployment with the number of its last start, and what became of it. */
    let state: { key: string; live: boolean; over: boolean }[] = [];
    const begin = (key: string) => {
      if (state.some((one) => one.key === key && one.live)) return;
      state = state
        .filter((one) => one.key !== key)
        .map((one) => ({ ...one, live: one.live && isParallel(one.key) && isParallel(key) }));
      state.push({ key, live: true, over: false });
    };
    for (const turn of turns.filter((one) => one.at <= at)) {
      if (turn.kind === 'start') {
        begin(turn.key);
        continue;
      }
      const index = state.findIndex((one) => one.key === turn.key);
      const was = state[index]?.live === true;
      const before = state
        .slice(0, Math.max(index, 0))
        .filter((one) => !one.over)
        .at(-1)?.key;
      state = state.map((one) =>
        one.key === turn.key ? { ...one, live: false, over: true } : one,
      );
      if (turn.kind !== 'rolledback') continue;
      if (turn.to !== undefined) {
        if (slot.includes(turn.to)) begin(turn.to);
      } else if (was && before !== undefined) begin(before);
    }
    return state.filter(({ live }) => live).map(({ key }) => key);
  };
  const slot = keys.filter(described);
  const alone = keys.filter((key) => !described(key));
  return [...liveIn(slot), ...alone.flatMap((key) => liveIn([key]))].sort().join(' ');
}
