import { within } from '../deadline.ts';

export type PatienceOptions = {
  /** Questions that the database works on at once: a further one waits until one of them is answered. */
  readonly width: number;
  /** Whether an error is an answer of the database, and not the lack of one. */
  readonly isAnswer: (error: unknown) => boolean;
  /** The error of a question that is not answered, or not asked. */
  readonly unanswered: (reason: string) => Error;
  /** Without any answer for this long, nobody waits for his turn any more. */
  readonly silentMs?: number;
  readonly now?: () => number;
};

/** Asks a question that is to be answered within `ms`. */
export type Patience = <T>(ms: number, ask: () => Promise<T>) => Promise<T>;

/**
 * Bounds the waiting for a database that takes connections and does not answer (its process is stopped, its machine hangs): there its
 * own time limits mean nothing, and questions would queue up without an end.
 */
export function createPatience(options: PatienceOptions): Patience {
  const { width, isAnswer, unanswered, silentMs = 5_000, now = () => performance.now() } = options;
  let underWay = 0;
  let answeredAt = 0;
  return async (ms, ask) => {
    if (underWay === 0) answeredAt = now();
    const silent = now() - answeredAt;
    if (underWay >= width && silent > silentMs)
      throw unanswered(
        `${underWay} questions wait, none was answered for ${Math.round(silent)} ms`,
      );
    underWay += 1;
    try {
      const answer = await within(ms, ask(), () => unanswered(`no answer within ${ms} ms`));
      answeredAt = now();
      return answer;
    } catch (error) {
      if (isAnswer(error)) answeredAt = now();
      throw error;
    } finally {
      underWay -= 1;
    }
  };
}
