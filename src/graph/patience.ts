import { within } from '../deadline.ts';

export type PatienceOptions = {
  /** Questions that the database works on at once: a further one waits until one of them is answered. */
  readonly width: number;
  /** Whether an error is an answer of the database, and not the lack of one. */
  readonly isAnswer: (error: unknown) => boolean;
  /** The error of a question that is not answered, or not asked. */
  readonly unanswered: (reason: string) => Error;
  /** Asks whether the database is back, with next to no work. */
  readonly probe: () => Promise<unknown>;
  /** Without any answer for this long, nobody waits for his turn any more. */
  readonly silentMs?: number;
  readonly now?: () => number;
};

/** Asks a question that is to be answered within `ms`. */
export type Patience = <T>(ms: number, ask: () => Promise<T>) => Promise<T>;

const PROBE_MS = 3_000;

/**
 * Bounds the waiting for a database that takes connections and does not answer (its process is stopped, its machine hangs): there its
 * own time limits mean nothing, and questions would queue up without an end. After a question that was not answered, the next ones
 * wait for a probe first.
 */
export function createPatience(options: PatienceOptions): Patience {
  const { width, isAnswer, unanswered, silentMs = 5_000, now = () => performance.now() } = options;
  let underWay = 0;
  let answeredAt = 0;
  let isAway = false;
  /** One for all questions that wait for it. */
  let probe: Promise<void> | null = null;

  const answered = (): void => {
    answeredAt = now();
    isAway = false;
  };
  const find = async (): Promise<void> => {
    try {
      await within(PROBE_MS, options.probe(), () => unanswered(`no answer within ${PROBE_MS} ms`));
      answered();
    } finally {
      probe = null;
    }
  };

  return async (ms, ask) => {
    if (isAway) await (probe ??= find());
    if (underWay === 0) answeredAt = now();
    const silent = now() - answeredAt;
    if (underWay >= width && silent > silentMs)
      throw unanswered(
        `${underWay} questions wait, none was answered for ${Math.round(silent)} ms`,
      );
    underWay += 1;
    try {
      const answer = await within(ms, ask(), () => unanswered(`no answer within ${ms} ms`));
      answered();
      return answer;
    } catch (error) {
      if (isAnswer(error)) answered();
      else isAway = true;
      throw error;
    } finally {
      underWay -= 1;
    }
  };
}
