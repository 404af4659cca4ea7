import type { Envelope } from '../../src/model/event.ts';

/** An envelope with what a test does not care about filled in. */
export function event(
  type: string,
  data: Record<string, unknown>,
  rest: Partial<Envelope> = {},
): Envelope {
  return {
    specversion: '1.0',
    id: rest.id ?? `${type}-${JSON.stringify(data).length}-${counter()}`,
    source: 'https://ci.example/acme',
    type,
    time: '2026-11-21T10:00:00Z',
    data,
    ...rest,
  };
}

export function hex(seed: string | number, length = 64): string {
  const text = String(seed);
  return Buffer.from(text).toString('hex').padStart(length, '0').slice(-length);
}

let count = 0;
function counter(): number {
  count += 1;
  return count;
}
