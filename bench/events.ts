import { contentHash, parseEvent, type Envelope } from '../src/model/event.ts';

/** Events of the shape of platform.md: 1 build, 1 commit shared by 4, 2 artifacts, 3 edges, 1 log entry of about 500 bytes. */
export function makeEvents(run: string, count: number): Envelope[] {
  const hex = (text: string, length: number): string =>
    Buffer.from(`${run}${text}`).toString('hex').padEnd(length, '0').slice(-length);
  return Array.from({ length: count }, (_, at) => ({
    specversion: '1.0',
    id: `${run}-${at}`,
    source: 'https://ci.example/acme/app',
    type: 'build.completed',
    time: new Date(1_790_000_000_000 + at * 1_000).toISOString(),
    data: {
      build: `https://ci.example/acme/app/runs/${run}/${at}`,
      commit: hex(`c${Math.floor(at / 4)}`.padStart(10, '0'), 40),
      outcome: 'success',
      artifacts: ['a', 'b'].map((part) => ({
        digest: `sha256:${hex(`${part}${at}`.padStart(12, '0'), 64)}`,
      })),
    },
  }));
}

/** As a producer takes them. */
export function toPublish(envelopes: readonly Envelope[]) {
  return envelopes.map((envelope) => ({
    event: parseEvent(envelope),
    raw: JSON.stringify(envelope),
    contentHash: contentHash(envelope),
  }));
}

/** Runs jobs with at most `width` at a time. */
export async function inFlight<T>(
  jobs: readonly T[],
  width: number,
  work: (job: T) => Promise<unknown>,
): Promise<void> {
  let next = 0;
  const worker = async (): Promise<void> => {
    for (;;) {
      const job = jobs[next];
      next += 1;
      if (job === undefined) return;
      await work(job);
    }
  };
  await Promise.all(Array.from({ length: width }, worker));
}
