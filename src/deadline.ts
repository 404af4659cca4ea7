/** In how many slices the time is counted: what one of them takes longer than its share was taken from this process, not by the work. */
const SLICES = 16;

/**
 * What `work` comes to, within `ms`. It goes on after that, and nobody hears what becomes of it. Time in which this process was held
 * up, and so could not read an answer or ask the next question, does not count.
 *
 * @throws what `late` gives, where it takes longer
 */
export async function within<T>(ms: number, work: Promise<T>, late: () => Error): Promise<T> {
  work.catch(() => undefined);
  const deadline = Promise.withResolvers<never>();
  let left = SLICES;
  let turn: NodeJS.Immediate | undefined;
  const slice = (): NodeJS.Timeout =>
    setTimeout(() => {
      left -= 1;
      if (left > 0) timer = slice();
      // an answer that came while this process itself was busy has not been read yet: it counts
      else
        turn = setImmediate(() => {
          deadline.reject(late());
        });
    }, ms / SLICES);
  let timer = slice();
  try {
    return await Promise.race([work, deadline.promise]);
  } finally {
    clearTimeout(timer);
    clearImmediate(turn);
  }
}
