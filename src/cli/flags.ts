import { InvalidArgumentError } from 'commander';

/** Reads the value of a flag: a whole number within bounds. */
export function wholeNumber(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= least && value <= most) return value;
    throw new InvalidArgumentError(`It must be a whole number from ${least} to ${most}.`);
  };
}

const DAY = /^\d{4}-\d{2}-\d{2}$/;
const MINUTE = /^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2})(Z|[+-]\d{2}:\d{2})$/i;
const RFC_3339 = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:Z|[+-]\d{2}:\d{2})$/i;

/** Reads the value of a flag: a moment as RFC 3339, with or without seconds; a day is its beginning in UTC. */
export function time(text: string): string {
  const [, minute, offset] = MINUTE.exec(text) ?? [];
  const whole = DAY.test(text)
    ? `${text}T00:00:00Z`
    : minute === undefined
      ? text
      : `${minute}:00${offset ?? ''}`;
  if (RFC_3339.test(whole) && !Number.isNaN(Date.parse(whole))) return whole;
  throw new InvalidArgumentError(
    'It must be a day such as 2026-11-20 (its beginning, in UTC) or a time such as 2026-11-20T18:00Z.',
  );
}

/** A log number, or a `time`. */
export function positionOrTime(text: string): number | string {
  if (/^\d{1,16}$/.test(text) && Number.isSafeInteger(Number(text))) return Number(text);
  try {
    return time(text);
  } catch {
    throw new InvalidArgumentError(
      'It must be a log number, a day such as 2026-11-20 (its beginning, in UTC) or a time such as 2026-11-20T18:00Z.',
    );
  }
}

/** `time`, or the word `now`. */
export function timeOrNow(text: string): string {
  return text === 'now' ? text : time(text);
}
