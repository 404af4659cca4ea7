/**
 * What `work` comes to, within `ms`. It goes on after that, and nobody hears what becomes of it.
 *
 * @throws what `late` gives, where it takes longer
 */
export async function within<T>(ms: number, work: Promise<T>, late: () => Error): Promise<T> {
  work.catch(() => undefined);
  const deadline = Promise.withResolvers<never>();
  let turn: NodeJS.Immediate | undefined;
  const timer = setTimeout(() => {
    // an answer that came while this process itself was busy has not been read yet: it counts
    turn = setImmediate(() => {
      deadline.reject(late());
    });
  }, ms);
  try {
    return await Promise.race([work, deadline.promise]);
  } finally {
    clearTimeout(timer);
    clearImmediate(turn);
  }
}
