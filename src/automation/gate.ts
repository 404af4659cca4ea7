import { messageOf, StemmaError } from '../errors.ts';
import type { EventData } from '../model/events/catalogue.ts';
import { identifierProblem } from '../model/text.ts';
import type { Expression } from './cel.ts';
import { eventExpressions, type VariableValues } from './variables.ts';

/** Keys that one event may be about; what is over it is not looked at. */
const MAX_KEYS = 1_000;
const MAX_KEY_LENGTH = 1_024;

/** One of the things that must have happened. */
export type GateInput = {
  readonly name: string;
  /** Its events, by type; the newest of all of them counts. */
  readonly types: readonly string[];
  /** What this event says of the input, for each correlation key; null where it is none of its events. */
  observe(values: VariableValues): Observed | null;
};

export type Observed = {
  readonly keys: readonly string[];
  readonly isGood: boolean;
  /** Why it is not good. */
  readonly reason: string | null;
};

export type CompiledGate = {
  readonly name: string;
  readonly version: number;
  readonly inputs: readonly GateInput[];
  /** ms within which all of it must have happened; null: whenever. */
  readonly withinMs: number | null;
};

/**
 * Compiles the definition of a gate.
 *
 * @throws StemmaError BAD_USER_INPUT with `details.path`
 */
export function compileGate(data: EventData<'gate.defined'>): CompiledGate {
  const { name, version, inputs, withinSeconds } = data;
  if (inputs.length === 0) {
    throw refused(name, 'has no inputs: name the events that it waits for', 'data.inputs');
  }
  const names = inputs.map((input) => input.name ?? input.types[0] ?? '');
  const twice = names.find((one, at) => names.indexOf(one) !== at);
  if (twice !== undefined) {
    const why = `has two inputs '${twice.slice(0, 120)}': give each a name of its own`;
    throw refused(name, why, 'data.inputs');
  }
  return {
    ...{ name, version },
    inputs: inputs.map((input, at) => compileInput(data, input, names[at] ?? '', at)),
    withinMs: withinSeconds === undefined ? null : withinSeconds * 1_000,
  };
}

function compileInput(
  gate: EventData<'gate.defined'>,
  input: EventData<'gate.defined'>['inputs'][number],
  name: string,
  at: number,
): GateInput {
  const path = `data.inputs.${at}`;
  const caused = input.types.find((type) => /^(?:gate|watch)\./.test(type));
  if (caused !== undefined) {
    const why = `waits for ${caused.slice(0, 120)}, which gates and watches cause themselves: name the events behind it`;
    throw refused(gate.name, why, `${path}.types`);
  }
  const compile = (text: string | undefined, types: readonly string[], of: string) =>
    text === undefined ? null : eventExpressions.compile(text, types, of);
  const when = compile(input.when, ['bool'], `${path}.when`);
  const accept = compile(input.accept, ['bool'], `${path}.accept`);
  const key = compile(input.key, KEY_TYPES, `${path}.key`) ?? keyOf(gate.key);
  return {
    ...{ name, types: input.types },
    observe(values) {
      if (when !== null && attempt(when, values).value !== true) return null;
      const keys = keysIn(attempt(key, values).value);
      if (keys.length === 0) return null;
      return { keys, ...judge(accept, values) };
    },
  };
}

const KEY_TYPES = ['string', 'list<string>', 'list', 'list<dyn>'];

function keyOf(text: string): Expression {
  return eventExpressions.compile(text, KEY_TYPES, 'data.key');
}

/** Without a condition: what ends well is good, and so is what has no outcome. */
function judge(accept: Expression | null, values: VariableValues): Omit<Observed, 'keys'> {
  if (accept === null) {
    const { outcome, event } = values as { outcome: string; event: { type: string } }; // of VARIABLES
    if (ENDED_BADLY.test(event.type)) return bad(`it is a ${event.type}`);
    return GOOD_OUTCOMES.has(outcome) ? GOOD : bad(`its outcome is '${outcome.slice(0, 100)}'`);
  }
  const { value, error } = attempt(accept, values);
  if (value === true) return GOOD;
  return bad(
    error === null
      ? `'${accept.text.slice(0, 200)}' does not hold`
      : `'${accept.text.slice(0, 200)}' has no value: ${error}`,
  );
}

/** Types that say by their name that something is not, or is not any more. */
const ENDED_BADLY = /\.(?:failed|cancelled|rolledback|removed|deleted|withdrawn|revoked)$/;
const GOOD = { isGood: true, reason: null } as const;
const GOOD_OUTCOMES: ReadonlySet<string> = new Set([
  ...['', 'success', 'passed', 'signed', 'trusted', 'fixed', 'not_affected'],
]);

function bad(reason: string) {
  return { isGood: false, reason };
}

/** What can be the subject of what the gate says. */
function keysIn(value: unknown): string[] {
  const found = (Array.isArray(value) ? value : [value]).filter(
    (one): one is string =>
      typeof one === 'string' && one.length <= MAX_KEY_LENGTH && identifierProblem(one) === null,
  );
  return [...new Set(found)].slice(0, MAX_KEYS);
}

/** A field that is not there is no fault of the gate: the expression has no value then. */
function attempt(expression: Expression, values: VariableValues) {
  try {
    return { value: expression.evaluate(values), error: null };
  } catch (error) {
    return { value: null, error: (messageOf(error).split('\n')[0] ?? '').slice(0, 200) };
  }
}

function refused(gate: string, why: string, path: string): StemmaError {
  return new StemmaError('BAD_USER_INPUT', `The gate '${gate.slice(0, 120)}' ${why}.`, {
    details: { path },
  });
}
