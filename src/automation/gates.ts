import type { AutomationStore } from '../model/automation.ts';
import { isActiveAt } from '../model/definitions.ts';
import type { Envelope } from '../model/event.ts';
import { stateKey, type GateDefinition } from '../model/gates.ts';
import { createDefinitions, type DefinitionsOptions, type Following } from './definitions.ts';
import type { Kind, ReadEvent } from './follow.ts';
import { compileGate, type CompiledGate } from './gate.ts';
import { gateEvent } from './gate-events.ts';
import { emptyState, foldGate, type Observation } from './gate-fold.ts';

export type GatesOptions = Pick<
  DefinitionsOptions<GateDefinition, CompiledGate>,
  'statements' | 'onInvalid'
> & { readonly store: Pick<AutomationStore, 'states'> };

type Gate = Following<GateDefinition, CompiledGate>;

/**
 * Gates: what events say is folded into what they knew, in the order of the log; what they say because of that is published. They look at
 * the log from its beginning: what happened before their definition is known to them.
 */
export function createGates({ statements, store, onInvalid }: GatesOptions): Kind {
  const gates = createDefinitions<GateDefinition, CompiledGate>({
    ...{ kind: 'gate', statements, onInvalid, compile: compileGate },
    typesOf: ({ inputs }) => inputs.flatMap(({ types }) => types),
    beginOf: () => 0,
  });

  function observe(event: ReadEvent, ids: ReadonlySet<string>): Seen[] {
    const { at, n, key: identity } = event;
    const { type } = event.event.envelope;
    const some = gates.of(type).filter(({ follower }) => ids.has(follower.id));
    return some.flatMap((gate) =>
      gate.compiled.inputs
        .filter(({ types }) => types.includes(type))
        .flatMap((input) => {
          const observed = input.observe(event.values);
          if (observed === null) return [];
          const { keys, isGood: good, reason } = observed;
          const fact = { event: identity, type, at, n, good, reason };
          return keys.map((key) => ({ gate, event, input: input.name, key, fact }));
        }),
    );
  }

  return {
    refresh: async () => gates.refresh(),
    followers: () => gates.followers(),

    async work(events, ids) {
      const seen = events.flatMap((event) => observe(event, ids));
      const before = await store.states([...new Set(seen.map(keyOf))]);
      const states = new Map(before);
      const said: Envelope[] = [];
      for (const one of seen) {
        const { gate, event } = one;
        const state = states.get(keyOf(one)) ?? emptyState(gate.compiled, one.key);
        const step = foldGate(gate.compiled, state, one);
        states.set(keyOf(one), step.state);
        if (step.fires !== null && isActiveAt(gate.defined, event.n)) {
          const trigger = { envelope: event.event.envelope, at: event.at };
          said.push(gateEvent(step.state, step.fires, trigger));
        }
      }
      const changed = [...states.values()].filter((state) => before.get(stateKey(state)) !== state);
      return { said, deliveries: [], states: changed };
    },
  };
}

type Seen = Observation & { readonly gate: Gate; readonly event: ReadEvent };

function keyOf({ gate: { compiled }, key }: Seen): string {
  return stateKey({ gate: compiled.name, version: compiled.version, on: key });
}
