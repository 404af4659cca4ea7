/** Something that is defined by name and version, and can be enabled and disabled: a gate, a watch. */
export type Named = { readonly name: string; readonly version: number };

/** What was said of such things, as it stands in the log. */
export type LoggedDefinition<D extends Named> = {
  /** Log number. */
  readonly n: number;
  /** ms since the epoch. */
  readonly acceptedAt: number;
  readonly source: string;
  readonly said:
    | { readonly definition: D }
    | { readonly name: string; readonly enabled: boolean; readonly reason: string | null };
};

/** One version of it. It never changes. */
export type Defined<D extends Named> = {
  readonly definition: D;
  readonly source: string;
  /** ms since the epoch. */
  readonly definedAt: number;
  /** Log number of the definition: only what comes behind it has consequences. */
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
 * What the log says of all of a kind, by name and version. The first definition of a version counts. Pure.
 *
 * @param statements in order of their log numbers
 */
export function definedVersions<D extends Named>(
  statements: readonly LoggedDefinition<D>[],
): Defined<D>[] {
  const defined = new Map<string, Defined<D>>();
  const switches = new Map<string, { n: number; enabled: boolean; reason: string | null }[]>();
  for (const { n, acceptedAt, source, said } of statements) {
    if ('definition' in said) {
      const { definition } = said;
      const id = definitionId(definition);
      if (defined.has(id)) continue;
      defined.set(id, {
        ...{ definition, source, definedAt: acceptedAt, position: n },
        ...{ supersededAt: null, enabled: true, disabledReason: null, switches: [] },
      });
    } else {
      const { name, enabled, reason } = said;
      switches.set(name, [...(switches.get(name) ?? []), { n, enabled, reason }]);
    }
  }
  const all = [...defined.values()];
  return all
    .map((one) => {
      const said = switches.get(one.definition.name) ?? [];
      const last = said.at(-1);
      return {
        ...one,
        supersededAt: supersededAt(one, all),
        switches: said.map(({ n, enabled }) => ({ n, enabled })),
        enabled: last?.enabled ?? true,
        disabledReason: last?.enabled === false ? last.reason : null,
      };
    })
    .sort((a, b) => compare(definitionKey(a), definitionKey(b)));
}

function supersededAt<D extends Named>(
  { definition }: Defined<D>,
  all: readonly Defined<D>[],
): number | null {
  const later = all.filter(
    (other) =>
      other.definition.name === definition.name && other.definition.version > definition.version,
  );
  return later.length === 0 ? null : Math.min(...later.map(({ position }) => position));
}

/** Whether an event at this log number has consequences. */
export function isActiveAt(
  { position, supersededAt: end, switches }: Omit<Defined<Named>, 'definition'>,
  n: number,
): boolean {
  if (n <= position || (end !== null && n >= end)) return false;
  return switches.findLast((one) => one.n < n)?.enabled ?? true;
}

/** The identity of a version. */
export function definitionId({ name, version }: Named): string {
  return `${name}@${version}`;
}

/** By name, then version. */
export function definitionKey({ definition: { name, version } }: Defined<Named>): string {
  return `${name} ${String(version).padStart(16, '0')}`;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
