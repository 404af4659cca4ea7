/**
 * Named places at which a test makes this process kill, stop or fail itself, so that fault tests need no timing.
 * `STEMMA_FAILPOINT=after_commit:kill` (several: separated by commas); anything else costs one comparison.
 * Actions: `kill` (SIGKILL), `stop` (SIGSTOP, once), `throw`.
 *
 * Points: `after_read`, `in_tx:<statements done>`, `after_commit` (before the acknowledgement), `after_delivery` (of a group that is
 * followed), `automation_published`, `automation_enqueued` (of gates and watches), `action_performed`, `action_told`, `crash_on:<id of an event>`.
 */
const ACTIVE = new Map<string, string>();

/** Read once by the composition root; tests inside one process may set points themselves. */
export function setFailpoints(specification: string | undefined): void {
  ACTIVE.clear();
  for (const part of (specification ?? '').split(',')) {
    const at = part.lastIndexOf(':');
    if (at > 0) ACTIVE.set(part.slice(0, at), part.slice(at + 1));
  }
}

export function failpoint(name: string): void {
  if (ACTIVE.size === 0) return;
  const action = ACTIVE.get(name);
  if (action === undefined) return;
  if (action === 'kill') process.kill(process.pid, 'SIGKILL');
  if (action === 'stop') {
    ACTIVE.delete(name); // goes on after SIGCONT
    process.kill(process.pid, 'SIGSTOP');
  }
  if (action === 'throw') throw new Error(`failpoint ${name}`);
}
