import { variablesOf } from '../automation/variables.ts';
import { compileWatch } from '../automation/watch.ts';
import { messageOf } from '../errors.ts';
import { parseEvent } from '../model/event.ts';

/** An event of the log, as GraphQL has it. */
export type PastEvent = {
  readonly source: string;
  readonly eventId: string;
  readonly effectiveTime: string;
  readonly outcome: string | null;
  /** The whole event, as received. */
  readonly body: string;
  readonly subjectEntity: { readonly label: string; readonly key: string } | null;
};

export type Tried = {
  readonly event: PastEvent;
  /** `FAILS`: it matches, and what it would do cannot be worked out. */
  readonly verdict: 'ACTS' | 'PASSES' | 'FAILS';
  readonly action: object | null;
  /** Why it does not act. */
  readonly reason: string | null;
};

/**
 * What a watch would have done about past events.
 *
 * @param definition the fields of the event that defines it
 * @throws StemmaError EVENT_MALFORMED, BAD_USER_INPUT where it is not valid
 */
export async function tryWatch(
  definition: Readonly<Record<string, unknown>>,
  events: (type: string) => Promise<readonly PastEvent[]>,
): Promise<Tried[]> {
  const checked = parseEvent({
    ...{ specversion: '1.0', id: 'test', source: 'urn:stemma:cli', type: 'watch.defined' },
    data: definition,
  });
  if (checked.body.type !== 'watch.defined') throw new Error('as it was made above');
  const watch = compileWatch(checked.body.data);
  const all = await Promise.all(watch.types.map(events));
  return all.flat().map((event): Tried => {
    const parsed = parseEvent(JSON.parse(event.body), () => undefined); // it was accepted
    const { envelope } = parsed;
    const { subjectEntity, outcome } = event;
    const subjectRef =
      subjectEntity === null ? null : `${subjectEntity.label}:${subjectEntity.key}`;
    const values = variablesOf(
      parseEvent(envelope, () => undefined),
      { subjectRef, outcome },
    );
    const { matches, error } = watch.matches(values);
    if (!matches) {
      const reason =
        error === null ? 'its condition does not hold' : `its condition has no value: ${error}`;
      return { event, verdict: 'PASSES', action: null, reason };
    }
    try {
      const trigger = { envelope, at: Date.parse(event.effectiveTime) };
      return {
        event,
        verdict: 'ACTS',
        action: watch.render(trigger, values, 'test'),
        reason: null,
      };
    } catch (failure) {
      return { event, verdict: 'FAILS', action: null, reason: messageOf(failure) };
    }
  });
}
