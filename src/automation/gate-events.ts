import { sha256, type Envelope } from '../model/event.ts';
import { definitionId } from '../model/definitions.ts';
import type { GateStateRecord } from '../model/gates.ts';
import { causedBy } from './caused.ts';

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
  return {
    specversion: '1.0',
    id: gateEventId(state, verdict),
    source: GATES_SOURCE,
    type: `gate.${verdict}`,
    subject: state.on,
    time: new Date(trigger.at).toISOString(),
    ...causedBy(trigger.envelope),
    data: { gate: state.gate, version: state.version, key: state.on, inputs },
  };
}

function gateEventId(state: GateStateRecord, verdict: string): string {
  const tuple = Object.entries(state.inputs)
    .map(([name, { event }]) => [name, event])
    .sort(([a = ''], [b = '']) => (a < b ? -1 : 1));
  return sha256(
    JSON.stringify([definitionId({ ...state, name: state.gate }), state.on, verdict, tuple]),
  );
}
