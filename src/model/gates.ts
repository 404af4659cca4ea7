import { definitionId, type Defined } from './definitions.ts';
import type { EventData } from './events/catalogue.ts';

export type GateDefinition = EventData<'gate.defined'>;
export type DefinedGate = Defined<GateDefinition>;

export type GateOutcome = 'PASSED' | 'FAILED' | 'WAITING';

/** The newest event of an input. */
export type GateInputFact = {
  /** Its identity. */
  readonly event: string;
  /** Its type. */
  readonly type: string;
  /** Its effective time, ms. */
  readonly at: number;
  /** Its log number. */
  readonly n: number;
  readonly good: boolean;
  /** Why not. */
  readonly reason: string | null;
};

/** What a version of a gate knows of one correlation key. */
export type GateStateRecord = {
  readonly gate: string;
  readonly version: number;
  /** The correlation key. */
  readonly on: string;
  readonly outcome: GateOutcome;
  /** Effective time of the event that made it so, ms; null where nothing has happened. */
  readonly since: number | null;
  readonly inputs: Readonly<Record<string, GateInputFact>>;
};

/** What is known of an input, whatever it is called; null where nothing is. */
export function factOf(facts: GateStateRecord['inputs'], name: string): GateInputFact | null {
  return Object.hasOwn(facts, name) ? (facts[name] ?? null) : null;
}

export type GateInputState = 'GOOD' | 'BAD' | 'MISSING' | 'EXPIRED';

/** With a window, what is older than the newest event by more than that has to happen again. */
export function inputState(
  name: string,
  facts: GateStateRecord['inputs'],
  withinMs: number | null,
): GateInputState {
  const fact = factOf(facts, name);
  if (fact === null) return 'MISSING';
  const newest = Math.max(...Object.values(facts).map(({ at }) => at));
  if (withinMs !== null && fact.at < newest - withinMs) return 'EXPIRED';
  return fact.good ? 'GOOD' : 'BAD';
}

/** Pure. */
export function gateOutcome(
  inputs: readonly string[],
  facts: GateStateRecord['inputs'],
  withinMs: number | null,
): GateOutcome {
  const states = inputs.map((name) => inputState(name, facts, withinMs));
  if (states.includes('BAD')) return 'FAILED';
  return states.every((state) => state === 'GOOD') ? 'PASSED' : 'WAITING';
}

/** The identity of what a version of a gate knows of one correlation key. */
export function stateKey({
  gate: name,
  version,
  on,
}: Pick<GateStateRecord, 'gate' | 'version' | 'on'>): string {
  return `${definitionId({ name, version })} ${on}`;
}
