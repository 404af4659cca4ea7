import {
  factOf,
  gateOutcome,
  inputState,
  type GateInputFact,
  type GateStateRecord,
} from '../model/gates.ts';
import type { CompiledGate, GateInput } from './gate.ts';

/** What one event of the log says of one input of a gate, for one correlation key. */
export type Observation = {
  readonly input: string;
  readonly key: string;
  readonly fact: GateInputFact;
};

/** What is known of one correlation key before anything has happened. */
export function emptyState(gate: CompiledGate, on: string): GateStateRecord {
  return {
    gate: gate.name,
    version: gate.version,
    on,
    outcome: 'WAITING',
    since: null,
    inputs: {},
  };
}

export type Step = {
  readonly state: GateStateRecord;
  /** What the gate says now, because of this event; null where it has said so before, or has nothing to say. */
  readonly fires: 'passed' | 'failed' | null;
};

/**
 * One event more. The newest event of an input counts, by effective time and then by identity: an older one that comes late changes
 * nothing, nor does the same again. A gate fails when an input turns bad, and passes when the last one that was missing, or bad, is good.
 * Pure.
 */
export function foldGate(
  gate: CompiledGate,
  state: GateStateRecord,
  { input, fact }: Observation,
): Step {
  const known = factOf(state.inputs, input);
  if (known !== null && !isNewer(fact, known)) return { state, fires: null };
  const inputs = { ...state.inputs, [input]: fact };
  const outcome = gateOutcome(inputsOf(gate), inputs, gate.withinMs);
  const next: GateStateRecord = {
    ...state,
    inputs,
    outcome,
    since: outcome === state.outcome && state.since !== null ? state.since : fact.at,
  };
  const own = inputState(input, inputs, gate.withinMs);
  if (own === 'BAD') return { state: next, fires: 'failed' };
  return { state: next, fires: own === 'GOOD' && outcome === 'PASSED' ? 'passed' : null };
}

function inputsOf({ inputs }: CompiledGate): readonly string[] {
  return inputs.map(({ name }: GateInput) => name);
}

function isNewer(a: GateInputFact, b: GateInputFact): boolean {
  return a.at > b.at || (a.at === b.at && a.event > b.event);
}
