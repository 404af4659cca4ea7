import type { BusFigures } from '../bus/group/figures.ts';
import type { Family } from './families.ts';

const MAX_GROUPS = 50;

/** @param figures null: the bus does not answer, and nothing but that is told of it */
export function busFamilies(figures: BusFigures | null, now: number): Family[] {
  const up: Family = {
    name: 'stemma_bus_up',
    help: 'Whether Redis answers: 1, or 0',
    type: 'gauge',
    values: [{ labels: {}, value: figures === null ? 0 : 1 }],
  };
  if (figures === null) return [up];
  const groups = figures.groups.slice(0, MAX_GROUPS);
  const ofGroups = (
    type: Family['type'],
    name: string,
    help: string,
    valueOf: (one: BusFigures['groups'][number]) => number,
  ): Family => ({
    ...{ type, name, help },
    values: groups.map((one) => ({ labels: { group: one.group }, value: valueOf(one) })),
  });
  return [
    up,
    ofGroups(
      'gauge',
      'stemma_stream_head_minus_applied_seq',
      'How far the head of the log is ahead of the position up to which a group has settled everything',
      ({ position, through }) => Math.max(position - through, 0),
    ),
    ofGroups(
      'gauge',
      'stemma_events_waiting',
      'Events that a group has not settled',
      ({ waiting }) => waiting,
    ),
    ofGroups(
      'gauge',
      'stemma_oldest_pending_seconds',
      'For how long the oldest of them has been waiting; 0 where none does',
      ({ waitingSince }) => (waitingSince === null ? 0 : Math.max(now - waitingSince, 0) / 1_000),
    ),
    ofGroups(
      'counter',
      'stemma_events_lost_total',
      'Events that were trimmed or deleted before a group had them',
      ({ lost }) => lost,
    ),
    {
      name: 'stemma_pel_size',
      help: 'Events of a stream that were delivered to a group and not acknowledged',
      type: 'gauge',
      values: figures.streams.flatMap(({ stream, groups: of }) =>
        of
          .filter(({ name }) => groups.some(({ group }) => group === name))
          .map(({ name, pending }) => ({
            labels: { stream: shortOf(stream), group: name },
            value: pending,
          })),
      ),
    },
    {
      name: 'stemma_log_size',
      help: 'Events that a stream holds',
      type: 'gauge',
      values: figures.streams.map(({ stream, entries }) => ({
        labels: { stream: shortOf(stream) },
        value: entries,
      })),
    },
    {
      name: 'stemma_dead_letters',
      help: 'Dead letters that nobody has decided about',
      type: 'gauge',
      values: [{ labels: {}, value: figures.deadLetters }],
    },
  ];
}

/** Its domain. */
function shortOf(stream: string): string {
  return stream.slice(stream.lastIndexOf(':') + 1);
}
