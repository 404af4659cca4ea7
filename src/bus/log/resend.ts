import type { DeadLetter } from '../../model/dead-letters.ts';
import type { AcceptedEvent, Applied, Published } from '../../model/receipt.ts';
import { toReportedError } from './applied.ts';
import { replayDeadLetters, showDeadLetter } from '../letters/dead-letters.ts';
import { fatesOf, type Fate, type Fates } from './fates.ts';
import { forget, type Producer } from './producer.ts';

/**
 * What became of log numbers, in their order; null where nothing is known yet or any more, or where the event was lost.
 */
export async function outcomesOf(
  bus: Fates,
  positions: readonly number[],
): Promise<(Applied | null)[]> {
  const fates = await fatesOf(bus, positions);
  return Promise.all(fates.map((fate) => toApplied(bus, fate)));
}

/**
 * Copies of events that were sent before: whoever sends one again hears what became of the first. Where that is an open dead
 * letter, it is replayed, and where it was lost, the copy takes its place: a sender that tries again has nothing else to do
 * (issue 17, item 2). Where nobody knows, the copy is sent as well: the graph has it already or takes it now.
 *
 * @param published what append.lua said of `events`, in their order
 * @throws StemmaError STREAM_REWOUND, BACKPRESSURE
 */
export async function settleCopies(
  bus: Fates,
  producer: Pick<Producer, 'publish' | 'position'>,
  events: readonly AcceptedEvent[],
  published: readonly Published[],
  now: number,
): Promise<Published[]> {
  /** The first copy of each of these events, by the log number of the first. */
  const copies = new Map<number, AcceptedEvent>();
  for (const [at, one] of published.entries()) {
    const event = events[at];
    if (one.outcome === 'duplicate' && event !== undefined && !copies.has(one.position)) {
      copies.set(one.position, event);
    }
  }
  if (copies.size === 0) return [...published];
  const fates = await fatesOf(bus, [...copies.keys()]);
  const settled = new Map<number, Published>();
  for (const [at, [position, event]] of [...copies].entries()) {
    const fate = fates[at];
    if (fate === undefined) continue;
    if (fate.kind === 'lost' || fate.kind === 'unknown') {
      await forget(bus.redis, bus.keys, event.event.envelope);
      const [again] = await producer.publish([event]);
      if (again !== undefined) settled.set(position, again);
    } else {
      const clock = { now, floor: producer.position() };
      settled.set(position, await settleCopy(bus, position, fate, clock));
    }
  }
  return published.map((one) =>
    one.outcome === 'duplicate' ? (settled.get(one.position) ?? one) : one,
  );
}

async function settleCopy(
  bus: Fates,
  position: number,
  fate: Fate,
  clock: { readonly now: number; readonly floor: number },
): Promise<Published> {
  if (fate.kind === 'dead') {
    const letter = await showDeadLetter(bus, fate.letter);
    const [replay] = letter?.mark === null ? await replayDeadLetters(bus, [letter.id], clock) : [];
    if (replay?.outcome === 'replayed') return { outcome: 'appended', position: replay.position };
    if (letter?.mark?.state === 'replayed') {
      const [first = null] = await outcomesOf(bus, [letter.mark.n]);
      return { outcome: 'duplicate', position: letter.mark.n, first };
    }
  }
  return { outcome: 'duplicate', position, first: await toApplied(bus, fate) };
}

async function toApplied(bus: Fates, fate: Fate): Promise<Applied | null> {
  if (fate.kind === 'applied') return { status: 'APPLIED', error: null };
  if (fate.kind !== 'dead') return null;
  const letter = await showDeadLetter(bus, fate.letter);
  return letter === null ? null : { status: 'DEAD_LETTERED', error: errorOf(letter) };
}

function errorOf({ code, message, mark }: DeadLetter): NonNullable<Applied['error']> {
  const decided = mark?.state === 'discarded' ? ` An operator discarded it: ${mark.reason}` : '';
  return toReportedError(code, `${message}${decided}`);
}
