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

  describe('what is withdrawn does not speak from then on', () => {
    const before = [fact('a', 'created', 1), fact('a', 'completed', 2), fact('b', 'created', 3)];
    const withdrawn = 6;

    it('a completion: what ran before never gave way', () => {
      const facts = [...before, fact('b', 'completed', 4, { withdrawn, source: 's' })];
      expect(liveAt(facts, 3, 4, 5, 6, 9)).toEqual(['a', 'b', 'b', 'a', 'a']);
    });

    it('a failure: it is live again, from its own start', () => {
      const facts = [...before, fact('b', 'completed', 4), fact('b', 'failed', 5, { withdrawn })];
      expect(liveAt(facts, 4, 5, 6)).toEqual(['b', '', 'b']);
    });

    it('a removal, known before what it removes', () => {
      const facts = [fact('a', 'removed', 3, { withdrawn }), fact('a', 'created', 1)];
      expect(liveAt(facts, 2, 3, 5, 6)).toEqual(['a', '', '', 'a']);
    });

    it('a rollback: what it had brought back gives way again', () => {
      const facts = [
        ...before,
        fact('b', 'completed', 4),
        fact('b', 'rolledback', 5, { withdrawn }),
      ];
      expect(liveAt(facts, 4, 5, 6)).toEqual(['b', 'a', 'b']);
    });

    it('one interval stays one, whatever was withdrawn meanwhile', () => {
      const facts = [...before, fact('b', 'failed', 4, { withdrawn })];
      expect(liveIntervals(facts).get('a')).toEqual([{ from: 2, until: 6 }]);
      expect(liveIntervals(facts).get('b')).toEqual([{ from: 6, until: null }]);
    });
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

  it('07-pending-deployment-live: waits for its completion where its source reports completions', () => {
    const own = { slot: 's', source: 'cd' };
    const done = [fact('a', 'created', 1, own), fact('a', 'completed', 3, own)];
    const waiting = [...done, fact('b', 'created', 5, own)];
    expect(liveAt(waiting, 4, 5, 99)).toEqual(['a', 'a', 'a']);
    expect(liveAt([...waiting, fact('b', 'completed', 9, own)], 5, 8, 9)).toEqual(['a', 'a', 'b']);
    // created while the first was on its way
    expect(liveAt([...done, fact('b', 'created', 2, own)], 2, 3, 9)).toEqual(['', 'a', 'a']);
    // what was told before the source began to report stands
    expect(liveAt([...done, fact('old', 'created', 0, own)], 0, 1, 3)).toEqual(['old', 'old', 'a']);
    const nothing = [...done, fact('none', 'created', 5, { ...own, empty: true })];
    expect(liveAt(nothing, 4, 5)).toEqual(['a', '']);
    const other = [...done, fact('b', 'created', 5, { slot: 's', source: 'other' })];
    expect(liveAt(other, 4, 5)).toEqual(['a', 'b']);
  });

  it('waits for its completion where the source has reported one elsewhere', () => {
    const first = [fact('a', 'created', 5, { slot: 's', source: 'cd' })];
    const liveWith = (since: number) =>
      isLiveAt(liveIntervals(first, new Map([['cd', since]])).get('a') ?? [], 9);
    expect([liveWith(4), liveWith(5), liveWith(6)]).toEqual([false, false, true]);
  });

  it('waits for its completion where something is told of its progress', () => {
    const waiting = [fact('a', 'created', 1), fact('a', 'progressed', 2)];
    expect(liveAt(waiting, 1, 2, 9)).toEqual(['', '', '']);
    expect(liveAt([...waiting, fact('a', 'completed', 5)], 4, 5)).toEqual(['', 'a']);
  });

  it('ends when every claim that it was created is withdrawn', () => {
    const twice = [fact('a', 'created', 1, { withdrawn: 5 }), fact('a', 'created', 2)];
    expect(liveAt(twice, 6)).toEqual(['a']);
    expect(liveAt([fact('a', 'created', 1, { withdrawn: 5 })], 4, 5)).toEqual(['a', '']);
  });

  it('09-rollback-after-failure: is given back by a rollback of what had failed before', () => {
    const two = [fact('a', 'created', 1), fact('b', 'created', 2), fact('b', 'completed', 3)];
    const failed = [...two, fact('b', 'failed', 4)];
    expect(liveAt([...failed, fact('b', 'rolledback', 5)], 3, 4, 5)).toEqual(['b', '', 'a']);
    const removed = [...two, fact('b', 'removed', 4), fact('b', 'rolledback', 5)];
    expect(liveAt(removed, 4, 5)).toEqual(['', 'a']);
    // told again
    const again = [...failed, fact('b', 'rolledback', 5), fact('b', 'rolledback', 6)];
    expect(liveAt(again, 5, 6)).toEqual(['a', 'a']);
    // over what had failed itself
    const third = [...failed, fact('c', 'created', 5), fact('c', 'completed', 6)];
    const back = [...third, fact('c', 'failed', 7), fact('c', 'rolledback', 8)];
    expect(liveAt(back, 6, 7, 8)).toEqual(['c', '', 'a']);
    // something else has the slot by now
    expect(liveAt([...third, fact('b', 'rolledback', 9)], 8, 9)).toEqual(['c', 'c']);
    // it never ran: nothing changes
    const never = [fact('a', 'created', 1), fact('b', 'created', 2), fact('b', 'failed', 3)];
    expect(liveAt([...never, fact('b', 'rolledback', 4)], 2, 3, 4)).toEqual(['a', 'a', 'a']);
  });

  it('14-recurrence-is-swallowed: begins again when it completes after its removal', () => {
    const facts = [
      ...[fact('a', 'created', 1), fact('a', 'completed', 2), fact('a', 'removed', 3)],
      fact('a', 'completed', 4),
    ];
    expect(liveAt(facts, 2, 3, 4)).toEqual(['a', '', 'a']);
  });

  describe('08-canary-hides-main', () => {
    const canary = { slot: 's', parallel: true };
    const both = [fact('main', 'created', 1), fact('canary', 'created', 2, canary)];

    it.each([
      ['a canary beside the main fleet', [], 'canary main'],
      ['a second canary', [fact('other', 'created', 3, canary)], 'canary main other'],
      ['the next main deployment', [fact('next', 'created', 3)], 'next'],
      ['a removed canary', [fact('canary', 'removed', 3)], 'main'],
      ['a canary that failed', [fact('canary', 'failed', 3)], 'main'],
      ['a canary that was rolled back', [fact('canary', 'rolledback', 3)], 'main'],
      ['a main fleet that was removed', [fact('main', 'removed', 3)], 'canary'],
      [
        'a promotion that was rolled back',
        [fact('next', 'created', 3), fact('next', 'rolledback', 4)],
        'main',
      ],
      [
        'a deployment of nothing',
        [fact('none', 'created', 3, { empty: true }), fact('none', 'removed', 3)],
        '',
      ],
    ])('%s', (_, more, live) => {
      expect(liveAt([...both, ...more], 9)).toEqual([live]);
    });

    it('stays when the main fleet beside it is rolled back', () => {
      const facts = [
        ...[fact('old', 'created', 1), fact('main', 'created', 2)],
        ...[fact('canary', 'created', 3, canary), fact('main', 'rolledback', 4)],
      ];
      expect(liveAt(facts, 3, 4)).toEqual(['canary main', 'canary old']);
    });

    it('is there before the main fleet, which then takes the slot', () => {
      const facts = [fact('canary', 'created', 1, canary), fact('main', 'created', 2)];
      expect(liveAt(facts, 1, 2)).toEqual(['canary', 'main']);
    });
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
          'progressed',
          'completed',
          'failed',
          'removed',
          'rolledback',
        ),
        source: fc.constantFrom('x', 'y'),
        at: fc.integer({ min: 0, max: 12 }),
        to: fc.option(fc.constantFrom('a', 'b', 'c'), { nil: undefined }),
        parallel: fc.boolean(),
      }),
      { maxLength: 12 },
    )
    .map((list) =>
      list.map(({ deployment, kind, at, to, parallel, source }, index): DeploymentFact => ({
        ...{ deployment, kind, at, source, tie: `e${index}` },
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
  const keys = [...new Set(facts.map(({ deployment }) => deployment))];
  /** Whether its newest completion is of this source, and it was created no later. */
  const reports = (key: string, source: string | undefined, time: number) => {
    const completions = facts
      .filter((one) => one.deployment === key && one.kind === 'completed')
      .sort((a, b) => b.at - a.at || (a.tie < b.tie ? 1 : -1));
    const created = newestCreated(key);
    return created !== undefined && completions[0]?.source === source && created.at <= time;
  };
  const startsOf = (key: string) => {
    const own = facts.filter((one) => one.deployment === key);
    const completed = own.filter(({ kind }) => kind === 'completed');
    if (completed.length > 0) return completed;
    if (own.some(({ kind }) => kind === 'progressed')) return [];
    const failures = own.filter(({ kind }) => kind === 'failed').map((one) => one.at);
    return own.filter(
      ({ kind, at: time }) =>
        kind === 'created' &&
        !failures.some((one) => one >= time) &&
        !keys.some((other) => reports(other, newestCreated(key)?.source, newestCreated(key)!.at)),
    );
  };
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
    const begin = (key: string, spared: (other: string) => boolean) => {
      if (state.some((one) => one.key === key && one.live)) return;
      state = state
        .filter((one) => one.key !== key)
        .map((one) => ({ ...one, live: one.live && (isParallel(key) || spared(one.key)) }));
      state.push({ key, live: true, over: false });
    };
    for (const turn of turns.filter((one) => one.at <= at)) {
      if (turn.kind === 'start') {
        begin(turn.key, () => false);
        continue;
      }
      const index = state.findIndex((one) => one.key === turn.key);
      const isLast = !state.slice(index + 1).some((one) => !isParallel(one.key));
      const candidates = state.slice(0, Math.max(index, 0)).filter((one) => !one.over);
      const before = candidates.findLast((one) => !isParallel(one.key)) ?? candidates.at(-1);
      state = state.map((one) =>
        one.key === turn.key ? { ...one, live: false, over: true } : one,
      );
      if (turn.kind !== 'rolledback') continue;
      if (turn.to !== undefined) {
        if (slot.includes(turn.to)) begin(turn.to, isParallel);
      } else if (index >= 0 && isLast && !isParallel(turn.key) && before !== undefined) {
        begin(before.key, isParallel);
      }
    }
    return state.filter(({ live }) => live).map(({ key }) => key);
  };
  const slot = keys.filter(described);
  const alone = keys.filter((key) => !described(key));
  return [...liveIn(slot), ...alone.flatMap((key) => liveIn([key]))].sort().join(' ');
}
