import { identityOf, sha256, type Envelope } from '../model/event.ts';
import { gateId, type GateStateRecord } from '../model/gates.ts';

/** The CloudEvents `source` of what gates say. */
export const GATES_SOURCE = 'urn:stemma:gates';

/**
 * What a gate says of a correlation key, as an event that its trigger caused. Its id follows from the gate, its version, the key and the
 * events that it rests on, so that saying it twice is a duplicate; and so does everything else in it (design section 5).
 */
export function gateEvent(
  state: GateStateRecord,
  verdict: 'passed' | 'failed',
  trigger: { readonly envelope: Envelope; readonly at: number },
): Envelope {
  const inputs = Object.entries(state.inputs)
    .map(([name, { event, type, good, reason }]) => ({
      ...{ name, event, type, good },
      ...(reason === null ? {} : { reason }),
    }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  const cause = identityOf(trigger.envelope);
  const { correlationid, workflowid, traceparent } = trigger.envelope;
  return {
    specversion: '1.0',
    id: gateEventId(state, verdict),
    source: GATES_SOURCE,
    type: `gate.${verdict}`,
    subject: state.on,
    time: new Date(trigger.at).toISOString(),
    // an identity may be longer than an attribute; it is among the inputs all the same
    ...(cause.length > 1024 ? {} : { causationid: cause }),
    ...(correlationid === undefined ? {} : { correlationid }),
    ...(workflowid === undefined ? {} : { workflowid }),
    ...(traceparent === undefined ? {} : { traceparent }),
    data: { gate: state.gate, version: state.version, key: state.on, inputs },
  };
}

function gateEventId(state: GateStateRecord, verdict: string): string {
  const tuple = Object.entries(state.inputs)
    .map(([name, { event }]) => [name, event])
    .sort(([a = ''], [b = '']) => (a < b ? -1 : 1));
  return sha256(JSON.stringify([gateId({ ...state, name: state.gate }), state.on, verdict, tuple]));
}
