import { setTimeout as delay } from 'node:timers/promises';

/** Polls until the condition holds; fails when it does not in time. */
export async function until(
  condition: () => boolean | Promise<boolean>,
  deadlineMs = 10_000,
): Promise<void> {
  const deadline = Date.now() + deadlineMs;
  while (!(await condition())) {
    if (Date.now() > deadline)
      throw new Error(`not within ${deadlineMs} ms: ${condition.toString()}`);
    await delay(20);
  }
}
