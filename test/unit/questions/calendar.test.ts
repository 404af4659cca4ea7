import { describe, expect, it, test } from '@jest/globals';
import { createCalendar } from '../../../src/questions/calendar.ts';

const span = (since: string, until: string) => ({
  since: Date.parse(since),
  until: Date.parse(until),
});
const texts = (times: readonly number[]) => times.map((time) => new Date(time).toISOString());

describe('the days of a span', () => {
  it('are those of UTC, with what the span only touches', () => {
    const { days, stretches } = createCalendar(
      'UTC',
      span('2026-11-20T10:00:00Z', '2026-11-22T00:00:00.001Z'),
    );
    expect(texts(days)).toEqual([
      '2026-11-20T00:00:00.000Z',
      '2026-11-21T00:00:00.000Z',
      '2026-11-22T00:00:00.000Z',
    ]);
    expect(stretches).toEqual([
      { ...span('2026-11-20T10:00:00Z', '2026-11-22T00:00:00.001Z'), offset: 0 },
    ]);
  });

  it('begin when clocks of the zone show midnight, and have 23 or 25 hours where these are changed', () => {
    const spring = createCalendar(
      'Europe/Berlin',
      span('2026-03-28T12:00:00Z', '2026-03-30T12:00:00Z'),
    );
    expect(texts(spring.days)).toEqual([
      '2026-03-27T23:00:00.000Z',
      '2026-03-28T23:00:00.000Z',
      '2026-03-29T22:00:00.000Z',
    ]);
    expect(spring.stretches.map(({ since, offset }) => [...texts([since]), offset])).toEqual([
      ['2026-03-28T12:00:00.000Z', 3_600_000],
      ['2026-03-29T01:00:00.000Z', 7_200_000],
    ]);
    const autumn = createCalendar(
      'Europe/Berlin',
      span('2026-10-25T00:00:00Z', '2026-10-26T00:00:00Z'),
    );
    expect(texts(autumn.days)).toEqual(['2026-10-24T22:00:00.000Z', '2026-10-25T23:00:00.000Z']);
  });

  it('begin with the jump where clocks pass over midnight', () => {
    // in Cairo it was 1 o'clock one ms after the 27th of April 2023
    const { days } = createCalendar(
      'Africa/Cairo',
      span('2023-04-27T00:00:00Z', '2023-04-28T12:00:00Z'),
    );
    expect(texts(days)).toEqual(['2023-04-26T22:00:00.000Z', '2023-04-27T22:00:00.000Z']);
  });

  it.each(['Asia/Kathmandu', 'Australia/Lord_Howe', 'Pacific/Apia', 'America/St_Johns', 'UTC'])(
    'are the same by division and by the clocks of %s',
    (zone) => {
      const whole = span('2011-12-20T07:00:00Z', '2012-12-20T07:00:00Z');
      const { stretches, days, dayNumbered, dayOf } = createCalendar(zone, whole);
      expect(stretches[0]?.since).toBe(whole.since);
      expect(stretches.at(-1)?.until).toBe(whole.until);
      const local = new Intl.DateTimeFormat('sv-SE', { timeZone: zone });
      for (const [at, { since, until, offset }] of stretches.entries()) {
        if (at > 0) expect(since).toBe(stretches[at - 1]?.until);
        for (const time of [since, Math.floor((since + until) / 2), until - 1]) {
          const day = dayNumbered(Math.floor((time + offset) / 86_400_000));
          expect(dayOf(time)).toBe(day);
          expect(days).toContain(day);
          expect(day).toBeLessThanOrEqual(time);
          expect(local.format(day)).toBe(local.format(time));
          expect(local.format(day - 1)).not.toBe(local.format(day));
        }
      }
    },
  );
});

test('a zone that nobody knows is refused by its name', () => {
  expect(() =>
    createCalendar('Mars/Olympus', span('2026-01-01T00:00:00Z', '2026-01-02T00:00:00Z')),
  ).toThrow(
    expect.objectContaining({
      code: 'BAD_USER_INPUT',
      message: expect.stringContaining("'Mars/Olympus' is not a time zone") as unknown,
    }),
  );
});
