import { StemmaError } from '../../errors.ts';
import { definedVersions, definitionId, definitionKey } from '../../model/definitions.ts';
import { factOf, inputState, type DefinedGate, type GateStateRecord } from '../../model/gates.ts';
import { unknownName } from '../../model/nearest.ts';
import { NODE_LABELS } from '../../model/node.ts';
import { checkIdentifier } from '../../model/text.ts';
import type {
  GateInputStatusResolvers,
  GateResolvers,
  GateStatusResolvers,
  QueryGateArgs,
  QueryGatesArgs,
  QueryGateStatusArgs,
} from '../__generated__/resolvers.ts';
import type { Context } from '../context.ts';
import type { GateStatusParent } from '../parents.ts';
import { definitionFields, definitionPage, pickDefinition } from './definitions.ts';
import { pageOf, readPage, toConnection, toSlice } from '../pages.ts';

/** @throws StemmaError BAD_USER_INPUT, PAGE_SIZE_TOO_LARGE */
export async function gatePage(args: QueryGatesArgs, context: Context) {
  return definitionPage('gates', await allGates(context), args, context);
}

/** Without a version: the newest. Null where there is none. */
export async function gateOf(
  { name, version = null }: QueryGateArgs,
  context: Context,
): Promise<DefinedGate | null> {
  return pickDefinition(await allGates(context), name, version);
}

/** @throws StemmaError BAD_USER_INPUT, NOT_FOUND where there is no such gate, PAGE_SIZE_TOO_LARGE, CURSOR_INVALID */
export async function gateStatusPage(
  { ref = null, gate: name = null, version = null, outcome = null, ...args }: QueryGateStatusArgs,
  context: Context,
) {
  const gates = await allGates(context);
  const gate = name === null ? null : known(gates, name, version);
  const scope = ['gateStatus', ref, name, version, outcome];
  if (ref !== null) {
    const on = keyOf(checkIdentifier(ref, 'ref'));
    const states = stated(gates, await context.reader.gateStatesOf(on)).filter(
      ({ defined, state }) =>
        (gate === null ? defined.supersededAt === null : defined === gate) &&
        (outcome === null || state.outcome === outcome),
    );
    return pageOf(states, ({ defined }) => definitionKey(defined), scope, args, context);
  }
  if (gate === null) {
    throw new StemmaError(
      'BAD_USER_INPUT',
      "Give 'ref', a correlation key such as a digest, or 'gate', the name of a gate.",
      { details: { path: 'ref' } },
    );
  }
  const scopeName = JSON.stringify(scope);
  const page = readPage<string>(context.cursors, scopeName, args);
  const states = await context.reader.gateStates(definitionId(gate.definition), outcome, page);
  const slice = toSlice(stated(gates, states), page.limit);
  return toConnection(context.cursors, scopeName, page, slice, ({ state }) => state.on);
}

export const gate: GateResolvers = {
  ...definitionFields('gate'),
  description: ({ definition }) => definition.description ?? null,
  key: ({ definition }) => definition.key,
  inputs: ({ definition }) =>
    definition.inputs.map(({ name, types, when = null, accept = null, key = null }) => ({
      ...{ name: name ?? types[0] ?? '', types, when, accept, key },
    })),
  withinSeconds: ({ definition }) => definition.withinSeconds ?? null,
};

export const gateStatus: GateStatusResolvers = {
  gate: ({ defined }) => defined,
  ref: ({ state }) => state.on,
  outcome: ({ state }) => state.outcome,
  since: ({ state }) => state.since,
  inputs: ({ defined: { definition }, state: { inputs } }) =>
    definition.inputs.map((input) => {
      const name = input.name ?? input.types[0] ?? '';
      const within = definition.withinSeconds;
      const state = inputState(name, inputs, within === undefined ? null : within * 1_000);
      return { name, state, fact: factOf(inputs, name) };
    }),
};

export const gateInputStatus: GateInputStatusResolvers = {
  reason: ({ fact }) => fact?.reason ?? null,
  since: ({ fact }) => fact?.at ?? null,
  event: async ({ fact }, _, { loaders }) =>
    fact === null ? null : loaders.event.load(fact.event),
};

async function allGates({ reader }: Context): Promise<DefinedGate[]> {
  return definedVersions(await reader.gateStatements());
}

function known(gates: readonly DefinedGate[], name: string, version: number | null): DefinedGate {
  const found = pickDefinition(gates, name, version);
  if (found !== null) return found;
  const names = [...new Set(gates.map(({ definition }) => definition.name))];
  const what = version === null ? 'gate' : `version ${version} of the gate`;
  throw unknownName(what, name, names, version === null ? 'gate' : 'version');
}

/** What is left of a gate that is not in the log any more is not told. */
function stated(
  gates: readonly DefinedGate[],
  states: readonly GateStateRecord[],
): readonly GateStatusParent[] {
  const byId = new Map(gates.map((one) => [definitionId(one.definition), one]));
  return states.flatMap((state) => {
    const defined = byId.get(definitionId({ name: state.gate, version: state.version }));
    return defined === undefined ? [] : [{ defined, state }];
  });
}

const LABELS: ReadonlySet<string> = new Set(NODE_LABELS);

/** `Artifact:sha256:…` is what entities are called elsewhere; a gate knows the key alone. */
function keyOf(ref: string): string {
  const at = ref.indexOf(':');
  return LABELS.has(ref.slice(0, at)) ? ref.slice(at + 1) : ref;
}
