import type { EventBody, StemmaEvent } from './event.ts';
import type { EventData } from './events/catalogue.ts';

/** What says something of gates. */
export type GateStatement = Extract<
  EventBody,
  { type: 'gate.defined' | 'gate.enabled' | 'gate.disabled' }
>;

/** As it stands in the log. */
export type LoggedGateStatement = {
  /** Log number. */
  readonly n: number;
  /** ms since the epoch. */
  readonly acceptedAt: number;
  readonly source: string;
  readonly body: GateStatement;
};

/** One version of a gate. It never changes. */
export type DefinedGate = {
  readonly definition: EventData<'gate.defined'>;
  readonly source: string;
  /** ms since the epoch. */
  readonly definedAt: number;
  /** Log number of the definition: only what comes behind it makes the gate speak. */
  readonly position: number;
  /** Log number of the definition of a greater version, from which on this one is history; null: it is the newest. */
  readonly supersededAt: number | null;
  readonly enabled: boolean;
  /** Why not, where somebody said so. */
  readonly disabledReason: string | null;
  /** From which log number on it was enabled or not, in their order. */
  readonly switches: readonly { readonly n: number; readonly enabled: boolean }[];
};

/**
 * What the log says of gates, by name and version. The first definition of a version counts. Pure.
 *
 * @param statements in order of their log numbers
 */
export function definedGates(statements: readonly LoggedGateStatement[]): DefinedGate[] {
  const gates = new Map<string, DefinedGate>();
  const switches = new Map<string, { n: number; enabled: boolean; reason: string | null }[]>();
  for (const { n, acceptedAt, source, body } of statements) {
    if (body.type === 'gate.defined') {
      const id = gateId(body.data);
      if (gates.has(id)) continue;
      gates.set(id, {
        ...{ definition: body.data, source, definedAt: acceptedAt, position: n },
        ...{ supersededAt: null, enabled: true, disabledReason: null, switches: [] },
      });
    } else {
      const { name, reason = null } = body.data;
      const all = switches.get(name) ?? [];
      switches.set(name, [...all, { n, enabled: body.type === 'gate.enabled', reason }]);
    }
  }
  const all = [...gates.values()];
  return all
    .map((gate) => {
      const said = switches.get(gate.definition.name) ?? [];
      const last = said.at(-1);
      return {
        ...gate,
        supersededAt: supersededAt(gate, all),
        switches: said.map(({ n, enabled }) => ({ n, enabled })),
        enabled: last?.enabled ?? true,
        disabledReason: last?.enabled === false ? last.reason : null,
      };
    })
    .sort((a, b) => compare(gateKey(a), gateKey(b)));
}

function supersededAt({ definition }: DefinedGate, all: readonly DefinedGate[]): number | null {
  const later = all.filter(
    (other) =>
      other.definition.name === definition.name && other.definition.version > definition.version,
  );
  return later.length === 0 ? null : Math.min(...later.map(({ position }) => position));
}

/** Whether a version of a gate speaks of an event at this log number. */
export function speaksAt(
  { position, supersededAt: end, switches }: DefinedGate,
  n: number,
): boolean {
  if (n <= position || (end !== null && n >= end)) return false;
  return switches.findLast((one) => one.n < n)?.enabled ?? true;
}

/** The identity of a version of a gate. */
export function gateId({ name, version }: { readonly name: string; readonly version: number }) {
  return `${name}@${version}`;
}

/** By name, then version. */
export function gateKey({ definition: { name, version } }: DefinedGate): string {
  return `${name} ${String(version).padStart(16, '0')}`;
}

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

export type GateInputState = 'GOOD' | 'BAD' | 'MISSING' | 'EXPIRED';

/** With a window, what is older than the newest event by more than that has to happen again. */
export function inputState(
  name: string,
  facts: GateStateRecord['inputs'],
  withinMs: number | null,
): GateInputState {
  const fact = facts[name];
  if (fact === undefined) return 'MISSING';
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
  return `${gateId({ name, version })} ${on}`;
}

/** An event of the log, as far as gates look at it. */
export type GateEvent = {
  readonly n: number;
  /** Its identity. */
  readonly key: string;
  /** Effective time, ms. */
  readonly at: number;
  readonly subjectRef: string | null;
  readonly outcome: string | null;
  readonly event: StemmaEvent;
};

export type GateAdvance = {
  /** `name@version` of gates that are equally far. */
  readonly gates: readonly string[];
  readonly from: number;
  readonly to: number;
  readonly states: readonly GateStateRecord[];
};

/** What gates know. It can be computed again from the log. */
export interface GateStore {
  /** Events of these types behind `after` up to `until`, in the order of the log, at most `limit`. */
  log(
    types: readonly string[],
    stretch: { readonly after: number; readonly until: number; readonly limit: number },
  ): Promise<readonly GateEvent[]>;
  /** By `stateKey`; those of which nothing is known are left out. */
  states(keys: readonly string[]): Promise<ReadonlyMap<string, GateStateRecord>>;
  /** Which of these events, by identity, are in the log. */
  known(identities: readonly string[]): Promise<ReadonlySet<string>>;
  /** Writes states together with how far the gates have looked; false, and nothing is written, where others were there before. */
  advance(advance: GateAdvance): Promise<boolean>;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
