import type { AutomationStore, LoggedEvent } from '../model/automation.ts';
import {
  definedVersions,
  definitionId,
  isActiveAt,
  type LoggedDefinition,
} from '../model/definitions.ts';
import type { Envelope } from '../model/event.ts';
import { stateKey, type DefinedGate, type GateDefinition } from '../model/gates.ts';
import type { Follower, Kind } from './follow.ts';
import { compileGate, type CompiledGate } from './gate.ts';
import { gateEvent } from './gate-events.ts';
import { emptyState, foldGate } from './gate-fold.ts';
import { variablesOf } from './variables.ts';

export type GatesOptions = {
  readonly statements: () => Promise<readonly LoggedDefinition<GateDefinition>[]>;
  readonly store: Pick<AutomationStore, 'states'>;
  readonly onInvalid: (gate: string, error: unknown) => void;
};

type Gate = {
  readonly defined: DefinedGate;
  readonly compiled: CompiledGate;
  readonly follower: Follower;
};

/** Gates: what events say is folded into what they knew, in the order of the log; what they say because of that is published. */
export function createGates({ statements, store, onInvalid }: GatesOptions): Kind {
  let gates: readonly Gate[] = [];
  return {
    async refresh() {
      const known = new Map(gates.map((gate) => [gate.follower.id, gate.compiled]));
      gates = definedVersions(await statements()).flatMap((defined) => {
        const id = gateFollower(defined.definition);
        const compiled = known.get(id) ?? tryCompile(defined, onInvalid);
        return compiled === null
          ? []
          : [{ defined, compiled, follower: toFollower(id, defined, compiled) }];
      });
    },

    followers: () => gates.map(({ follower }) => follower),

    async work(events, ids) {
      const some = gates.filter(({ follower }) => ids.has(follower.id));
      const seen = events.flatMap((event) => observe(some, event));
      const before = await store.states([...new Set(seen.map(keyOf))]);
      const states = new Map(before);
      const said: Envelope[] = [];
      for (const one of seen) {
        const { gate, key, event, good, reason } = one;
        const { at, n, key: identity } = event;
        const { envelope } = event.event;
        const state = states.get(keyOf(one)) ?? emptyState(gate.compiled, key);
        const fact = { event: identity, type: envelope.type, at, n, good, reason };
        const step = foldGate(gate.compiled, state, { input: one.input, key, fact });
        states.set(keyOf(one), step.state);
        if (step.fires !== null && isActiveAt(gate.defined, n)) {
          said.push(gateEvent(step.state, step.fires, { envelope, at }));
        }
      }
      const changed = [...states.values()].filter((state) => before.get(stateKey(state)) !== state);
      return { said, deliveries: [], states: changed };
    },
  };
}

/** What a version of a gate is called among those that follow the log. */
export function gateFollower(gate: Pick<GateDefinition, 'name' | 'version'>): string {
  return `gate ${definitionId(gate)}`;
}

/** From the beginning of the log: what happened before is known to it. */
function toFollower(id: string, { supersededAt }: DefinedGate, { inputs }: CompiledGate): Follower {
  const types = inputs.flatMap((input) => input.types);
  return { id, types, begin: 0, end: supersededAt === null ? null : supersededAt - 1 };
}

type Seen = {
  readonly gate: Gate;
  readonly input: string;
  readonly key: string;
  readonly good: boolean;
  readonly reason: string | null;
  readonly event: LoggedEvent;
};

function keyOf({ gate: { compiled }, key }: Seen): string {
  return stateKey({ gate: compiled.name, version: compiled.version, on: key });
}

function observe(gates: readonly Gate[], event: LoggedEvent): Seen[] {
  const { type } = event.event.envelope;
  const values = variablesOf(event.event, event);
  return gates.flatMap((gate) =>
    gate.compiled.inputs
      .filter(({ types }) => types.includes(type))
      .flatMap((input) => {
        const observed = input.observe(values);
        if (observed === null) return [];
        const { keys, isGood: good, reason } = observed;
        return keys.map((key) => ({ gate, input: input.name, key, good, reason, event }));
      }),
  );
}

/** What was accepted before an expression was refused, or came another way, waits for nothing. */
function tryCompile(
  { definition }: DefinedGate,
  onInvalid: GatesOptions['onInvalid'],
): CompiledGate | null {
  try {
    return compileGate(definition);
  } catch (error) {
    onInvalid(definitionId(definition), error);
    return null;
  }
}
