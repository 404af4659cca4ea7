import type { Client } from './client.ts';
import { wrong, type Definition } from './definition-file.ts';
import { PAGE_INFO, readAll, type Connection } from './questions.ts';
import { RECEIPT } from './receipt.ts';

/** What becomes of one of the definitions, or of what none of them speaks of. */
export type Step = {
  readonly kind: string;
  readonly name: string;
  readonly version: number;
  readonly action: 'unchanged' | 'created' | 'changed' | 'enabled' | 'disabled';
  /** What is sent for it; null where nothing is. */
  readonly send: { readonly mutation: string; readonly input: object } | null;
};

/** Something that is known to the service, in the newest version. */
type Known = {
  readonly name: string;
  readonly version: number;
  readonly enabled?: boolean;
  /** What it says, in one spelling. */
  readonly said: string;
};

/** A kind of thing that can be declared: one entry. */
type Kind = {
  readonly fields: readonly string[];
  /** Asks for all versions of all of them, by name and version, as `list`. */
  readonly query: string;
  /** What one of them says, without name and version: of a definition, or of an item of the list. */
  readonly input: (value: Definition['value']) => Readonly<Record<string, unknown>>;
  readonly mutation: string;
  /** Of what can be enabled and disabled. */
  readonly switched?: { readonly type: string; readonly enable: string; readonly disable: string };
};

const KINDS: Readonly<Record<string, Kind>> = {
  EventType: {
    fields: ['schema', 'description'],
    query: `query Types($first: Int!, $after: String) {
      list: eventTypes(first: $first, after: $after) { nodes { name version schema description } ${PAGE_INFO} }
    }`,
    input: ({ schema, description = null }) => ({ schema, description }),
    mutation: `mutation Apply($input: RegisterEventTypeInput!, $wait: WaitFor!) {
      receipt: registerEventType(input: $input, wait: $wait) { ${RECEIPT} }
    }`,
  },
  Gate: {
    fields: ['description', 'key', 'inputs', 'withinSeconds'],
    query: `query Gates($first: Int!, $after: String) {
      list: gates(first: $first, after: $after) {
        nodes { name version enabled description key withinSeconds inputs { name types when accept key } } ${PAGE_INFO}
      }
    }`,
    input: ({ description = null, key, withinSeconds = null, inputs }) => ({
      ...{ description, key, withinSeconds },
      inputs: Array.isArray(inputs) ? inputs.map(withName) : inputs,
    }),
    mutation: `mutation Apply($input: DefineGateInput!, $wait: WaitFor!) {
      receipt: defineGate(input: $input, wait: $wait) { ${RECEIPT} }
    }`,
    switched: { type: 'SwitchGateInput', enable: 'enableGate', disable: 'disableGate' },
  },
  Watch: {
    fields: ['description', 'types', 'when', 'action'],
    query: `query Watches($first: Int!, $after: String) {
      list: watches(first: $first, after: $after) {
        nodes { name version enabled description types when action } ${PAGE_INFO}
      }
    }`,
    input: ({ description = null, types, when = null, action }) => ({
      ...{ description, types, when, action },
    }),
    mutation: `mutation Apply($input: DefineWatchInput!, $wait: WaitFor!) {
      receipt: defineWatch(input: $input, wait: $wait) { ${RECEIPT} }
    }`,
    switched: { type: 'SwitchWatchInput', enable: 'enableWatch', disable: 'disableWatch' },
  },
};

/** In the order in which they build on each other. */
export const DECLARED_KINDS = Object.keys(KINDS);

/**
 * What has to be done so that the service has what is declared of one kind.
 *
 * @param isPruned whether gates and watches are disabled that nobody declares
 */
export async function stepsOf(
  service: Client,
  kindName: string,
  declared: readonly Declared[],
  isPruned: boolean,
): Promise<Step[]> {
  const kind = KINDS[kindName];
  const mine = declared.filter((one) => one.kind === kindName);
  const mayPrune = isPruned && kind?.switched !== undefined;
  if (kind === undefined || (mine.length === 0 && !mayPrune)) return [];
  const known = await knownOf(service, kind);
  const steps = mine.map(({ name, version, value }): Step => {
    const input = kind.input(value);
    const versions = known.filter((one) => one.name === name);
    const decided = decide(versions, version, spelling(input));
    const { mutation } = kind;
    if (decided.action !== 'unchanged') {
      const send = { mutation, input: { name, version: decided.version, ...input } };
      return { kind: kindName, name, ...decided, send };
    }
    if (versions.at(-1)?.enabled !== false) return { kind: kindName, name, ...decided, send: null };
    const send = turn(kind, 'enable', name, 'it is declared again');
    return { kind: kindName, name, version: decided.version, action: 'enabled', send };
  });
  if (!mayPrune) return steps;
  const names = new Set(mine.map(({ name }) => name));
  const left = known.filter(
    ({ name, version, enabled }) =>
      enabled === true &&
      !names.has(name) &&
      !known.some((other) => other.name === name && other.version > version),
  );
  return [
    ...steps,
    ...left.map(({ name, version }): Step => {
      const send = turn(kind, 'disable', name, 'no file speaks of it any more');
      return { kind: kindName, name, version, action: 'disabled', send };
    }),
  ];
}

function turn({ switched }: Kind, how: 'enable' | 'disable', name: string, reason: string) {
  if (switched === undefined) return null;
  const mutation = `mutation Apply($input: ${switched.type}!, $wait: WaitFor!) {
    receipt: ${switched[how]}(input: $input, wait: $wait) { ${RECEIPT} }
  }`;
  return { mutation, input: { name, reason, time: new Date().toISOString() } };
}

export type Declared = {
  readonly kind: string;
  readonly name: string;
  readonly version: number | null;
  readonly value: Definition['value'];
};

/** @throws CliError BAD_USER_INPUT naming the place */
export function declaredOf({ place, value }: Definition): Declared {
  const { kind, name, version = null } = value;
  const known = typeof kind === 'string' && Object.hasOwn(KINDS, kind) ? KINDS[kind] : undefined;
  if (known === undefined || typeof kind !== 'string') {
    throw wrong(
      place,
      `has the kind ${JSON.stringify(kind)}: write one of ${Object.keys(KINDS).join(', ')}`,
    );
  }
  if (typeof name !== 'string' || name === '') throw wrong(place, 'has no name');
  if (version !== null && !(Number.isSafeInteger(version) && (version as number) >= 1)) {
    throw wrong(
      place,
      `has the version ${JSON.stringify(version)}: write a whole number from 1, or none`,
    );
  }
  const taken = ['kind', 'name', 'version', ...known.fields];
  const odd = Object.keys(value).find((field) => !taken.includes(field));
  if (odd !== undefined) {
    throw wrong(place, `has a field '${odd.slice(0, 100)}': a ${kind} has ${taken.join(', ')}`);
  }
  return { kind, name, version: version as number | null, value }; // looked at above
}

function decide(
  versions: readonly Known[],
  wanted: number | null,
  said: string,
): { version: number; action: 'unchanged' | 'created' | 'changed' } {
  const newest = versions.at(-1);
  const same = versions.find((one) => one.version === (wanted ?? newest?.version));
  if (same?.said === said) return { version: same.version, action: 'unchanged' };
  const version = wanted ?? (newest?.version ?? 0) + 1;
  return { version, action: newest === undefined ? 'created' : 'changed' };
}

type Item = Definition['value'] & Omit<Known, 'said'>;

async function knownOf(service: Client, { query, input }: Kind): Promise<Known[]> {
  const { items } = await readAll(100_000, async (first, after) => {
    const variables = { first, after };
    return (await service.graphql<{ list: Connection<Item> }>(query, variables)).list;
  });
  return items.map((item) => ({ ...item, said: spelling(input(item)) }));
}

/** One spelling for each value: what is null is left out, and the fields are in order. */
function spelling(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) =>
    typeof part === 'object' && part !== null && !Array.isArray(part)
      ? Object.fromEntries(
          Object.entries(part)
            .filter(([, one]) => one !== null && one !== undefined)
            .sort(([a], [b]) => (a < b ? -1 : 1)),
        )
      : part,
  );
}

/** An input without a name is called by the first of its types. */
function withName(input: unknown): unknown {
  if (typeof input !== 'object' || input === null) return input;
  const { name, types } = input as { name?: unknown; types?: unknown };
  return typeof name === 'string' || !Array.isArray(types)
    ? input
    : { ...input, name: types[0] as unknown };
}
