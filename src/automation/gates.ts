import { failpoint } from '../failpoint.ts';
import { identityOf, type Envelope } from '../model/event.ts';
import {
  definedGates,
  gateId,
  speaksAt,
  stateKey,
  type DefinedGate,
  type GateEvent,
  type GateStore,
  type LoggedGateStatement,
} from '../model/gates.ts';
import { compileGate, type CompiledGate } from './gate.ts';
import { gateEvent } from './gate-events.ts';
import { emptyState, foldGate } from './gate-fold.ts';
import { variablesOf } from './variables.ts';

export type GatesOptions = {
  readonly statements: () => Promise<readonly LoggedGateStatement[]>;
  readonly progress: (gates: readonly string[]) => Promise<ReadonlyMap<string, number>>;
  readonly store: GateStore;
  /** Puts events on the bus; the same again is a duplicate. */
  readonly publish: (events: readonly Envelope[]) => Promise<void>;
  readonly onInvalid: (gate: string, error: unknown) => void;
};

export interface Gates {
  /** Takes note of what was said of gates since. */
  refresh(): Promise<void>;
  /** True where there is none that could look at anything. */
  isIdle(): boolean;
  /** Looks at the log up to this number; what others have looked at in the meantime is not looked at again. */
  advance(until: number, signal: AbortSignal): Promise<void>;
}

type Gate = { readonly id: string; readonly defined: DefinedGate; readonly compiled: CompiledGate };

/** Events that are read at once; a body has up to 1 MiB. */
const PAGE = 250;

/**
 * Follows the log for all gates. For each page of it: what the events say is folded into what the gates knew, in the order of the log; what
 * they say because of that is published; then what they know is written, together with how far they have come. Whoever dies in between
 * leaves work that is done again, with the same events.
 */
export function createGates(options: GatesOptions): Gates {
  const { store } = options;
  let gates: readonly Gate[] = [];

  /** Those that are least far, and how far that is. */
  async function behind(until: number): Promise<{ readonly from: number; readonly gates: Gate[] }> {
    const progress = await options.progress(gates.map(({ id }) => id));
    const from = (gate: Gate): number => progress.get(gate.id) ?? 0;
    const end = ({ defined }: Gate): number =>
      Math.min(until, (defined.supersededAt ?? Infinity) - 1);
    const open = gates.filter((gate) => from(gate) < end(gate));
    const least = Math.min(...open.map(from));
    return { from: least, gates: open.filter((gate) => from(gate) === least) };
  }

  async function page(from: number, until: number, some: readonly Gate[]): Promise<boolean> {
    const types = [...new Set(some.flatMap(({ compiled }) => typesOf(compiled)))];
    const events = await store.log(types, { after: from, until, limit: PAGE });
    const to = events.length < PAGE ? until : (events.at(-1)?.n ?? until);
    const seen = events.flatMap((event) => observe(some, event));
    const keyOf = ({ gate, key }: Seen): string =>
      stateKey({ gate: gate.compiled.name, version: gate.compiled.version, on: key });
    const before = await store.states([...new Set(seen.map(keyOf))]);
    const states = new Map(before);
    const said: Envelope[] = [];
    for (const one of seen) {
      const { gate, key, event } = one;
      const state = states.get(keyOf(one)) ?? emptyState(gate.compiled, key);
      const { at, n, key: identity } = event;
      const { good, reason } = one;
      const fact = { event: identity, type: event.event.envelope.type, at, n, good, reason };
      const step = foldGate(gate.compiled, state, { input: one.input, key, fact });
      states.set(keyOf(one), step.state);
      if (step.fires !== null && speaksAt(gate.defined, n)) {
        said.push(gateEvent(step.state, step.fires, { envelope: event.event.envelope, at }));
      }
    }
    const known = await store.known(said.map(identityOf));
    await options.publish(said.filter((envelope) => !known.has(identityOf(envelope))));
    failpoint('gates_published');
    const changed = [...states.values()].filter((state) => before.get(stateKey(state)) !== state);
    return store.advance({ gates: some.map(({ id }) => id), from, to, states: changed });
  }

  return {
    async refresh() {
      const known = new Map(gates.map((gate) => [gate.id, gate]));
      gates = definedGates(await options.statements()).flatMap((defined) => {
        const id = gateId(defined.definition);
        const compiled = known.get(id)?.compiled ?? tryCompile(defined, options.onInvalid);
        return compiled === null ? [] : [{ id, defined, compiled }];
      });
    },

    isIdle: () => gates.length === 0,

    async advance(until, signal) {
      for (;;) {
        signal.throwIfAborted();
        const next = await behind(until);
        if (next.gates.length === 0) return;
        const ends = next.gates.map(({ defined }) => (defined.supersededAt ?? Infinity) - 1);
        await page(next.from, Math.min(until, ...ends), next.gates);
      }
    },
  };
}

type Seen = {
  readonly gate: Gate;
  readonly input: string;
  readonly key: string;
  readonly good: boolean;
  readonly reason: string | null;
  readonly event: GateEvent;
};

function observe(gates: readonly Gate[], event: GateEvent): Seen[] {
  const values = variablesOf(event.event, event);
  return gates.flatMap((gate) =>
    gate.compiled.inputs
      .filter(({ types }) => types.includes(event.event.envelope.type))
      .flatMap((input) => {
        const observed = input.observe(values);
        if (observed === null) return [];
        const { keys, isGood: good, reason } = observed;
        return keys.map((key) => ({ gate, input: input.name, key, good, reason, event }));
      }),
  );
}

function typesOf({ inputs }: CompiledGate): string[] {
  return inputs.flatMap(({ types }) => types);
}

/** What was accepted before an expression was refused, or came another way, waits for nothing. */
function tryCompile(
  { definition }: DefinedGate,
  onInvalid: GatesOptions['onInvalid'],
): CompiledGate | null {
  try {
    return compileGate(definition);
  } catch (error) {
    onInvalid(gateId(definition), error);
    return null;
  }
}
