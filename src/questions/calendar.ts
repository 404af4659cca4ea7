import { StemmaError } from '../errors.ts';

/** The days of a span of time, as a time zone has them. Times in ms since the epoch. */
export type Calendar = {
  /** Beginnings of the days, in order: of each day that has a part in the span. */
  readonly days: readonly number[];
  /** The span in pieces within which the zone keeps its distance from UTC, so that a database can count days by division. */
  readonly stretches: readonly Stretch[];
  /** Beginning of the day that a number stands for: whole days since the epoch, by the clocks of the zone. */
  readonly dayNumbered: (number: number) => number;
  /** Beginning of the day of a time within the span. */
  readonly dayOf: (time: number) => number;
};

/** `since` included, `until` not; `offset` is what local clocks are ahead of UTC, in ms. */
export type Stretch = { readonly since: number; readonly until: number; readonly offset: number };

const DAY_MS = 86_400_000;

/**
 * The calendar of a span (`since` included, `until` not) in a time zone of IANA, such as `Europe/Berlin`, or `UTC`.
 *
 * @throws StemmaError BAD_USER_INPUT where nobody knows the zone
 */
export function createCalendar(
  zone: string,
  { since, until }: { readonly since: number; readonly until: number },
): Calendar {
  const offsetAt = offsetsOf(zone);
  // the first day begins before the span
  const stretches = stretchesOf(offsetAt, since - 2 * DAY_MS, until);
  const starts = new Map<number, number>();
  for (const { since: from, until: to, offset } of stretches) {
    const last = Math.floor((to - 1 + offset) / DAY_MS);
    for (let day = Math.floor((from + offset) / DAY_MS); day <= last; day += 1) {
      // where clocks jump over midnight, the day begins with the jump
      if (!starts.has(day)) starts.set(day, Math.max(from, day * DAY_MS - offset));
    }
  }
  const numberOf = (time: number): number => {
    const stretch = stretches.find((one) => time < one.until) ?? stretches.at(-1);
    return Math.floor((time + (stretch?.offset ?? 0)) / DAY_MS);
  };
  const dayNumbered = (number: number): number => starts.get(number) ?? number * DAY_MS;
  const first = numberOf(since);
  return {
    days: [...starts].filter(([day]) => day >= first).map(([, start]) => start),
    stretches: stretches
      .filter((one) => one.until > since)
      .map((one) => ({ ...one, since: Math.max(one.since, since) })),
    dayNumbered,
    dayOf: (time) => dayNumbered(numberOf(time)),
  };
}

function stretchesOf(
  offsetAt: (time: number) => number,
  since: number,
  until: number,
): readonly Stretch[] {
  const stretches: Stretch[] = [];
  let [from, offset] = [since, offsetAt(since)];
  for (let time = since; time < until; time += DAY_MS) {
    const next = Math.min(time + DAY_MS, until);
    if (offsetAt(next) === offset) continue;
    const change = changeBetween(offsetAt, time, next);
    stretches.push({ since: from, until: change, offset });
    [from, offset] = [change, offsetAt(change)];
  }
  return [...stretches, { since: from, until, offset }].filter((one) => one.since < one.until);
}

/** The first ms of the new distance, of two times with one change between them. */
function changeBetween(offsetAt: (time: number) => number, before: number, after: number): number {
  const old = offsetAt(before);
  let [low, high] = [before, after];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (offsetAt(middle) === old) low = middle;
    else high = middle;
  }
  return high;
}

function offsetsOf(zone: string): (time: number) => number {
  let format: Intl.DateTimeFormat;
  try {
    format = new Intl.DateTimeFormat('en-US', {
      ...{ timeZone: zone, calendar: 'iso8601', hourCycle: 'h23' },
      ...{ year: 'numeric', month: 'numeric', day: 'numeric' },
      ...{ hour: 'numeric', minute: 'numeric', second: 'numeric' },
    });
  } catch (cause) {
    throw new StemmaError(
      'BAD_USER_INPUT',
      `'${zone.slice(0, 80)}' is not a time zone: give a name such as 'Europe/Berlin', or 'UTC'.`,
      { cause, details: { path: 'timeZone' } },
    );
  }
  return (time) => {
    const parts = new Map(
      format.formatToParts(time).map(({ type, value }) => [type, Number(value)]),
    );
    const part = (name: Intl.DateTimeFormatPartTypes): number => parts.get(name) ?? 0;
    const local = Date.UTC(
      ...([part('year'), part('month') - 1, part('day')] as const),
      ...([part('hour'), part('minute'), part('second')] as const),
    );
    return local - Math.floor(time / 1_000) * 1_000;
  };
}
