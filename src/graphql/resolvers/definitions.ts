import { definitionId, definitionKey, type Defined, type Named } from '../../model/definitions.ts';
import { checkIdentifier } from '../../model/text.ts';
import type { Context } from '../context.ts';
import { pageOf, type PageArguments } from '../pages.ts';

type Filters = {
  readonly name?: string | null | undefined;
  readonly enabled?: boolean | null | undefined;
  readonly superseded?: boolean | null | undefined;
};

/** A page of what is defined: of gates, of watches. */
export function definitionPage<D extends Named>(
  list: string,
  all: readonly Defined<D>[],
  { name = null, enabled = null, superseded = null, ...args }: Filters & PageArguments,
  context: Context,
) {
  const some = all.filter(
    (one) =>
      (name === null || one.definition.name === name) &&
      (enabled === null || one.enabled === enabled) &&
      (superseded === null || (one.supersededAt !== null) === superseded),
  );
  return pageOf(some, definitionKey, [list, name, enabled, superseded], args, context);
}

/** A version, or the newest; null where there is none. @throws StemmaError BAD_USER_INPUT */
export function pickDefinition<D extends Named>(
  all: readonly Defined<D>[],
  name: string,
  version: number | null,
): Defined<D> | null {
  checkIdentifier(name, 'name');
  const versions = all.filter(
    ({ definition }) =>
      definition.name === name && (version === null || definition.version === version),
  );
  return versions.at(-1) ?? null;
}

/** Of the fields that all kinds have in common, those that are not read from the record of that name. */
export function definitionFields(kind: 'gate' | 'watch') {
  return {
    name: ({ definition }: Defined<Named>) => definition.name,
    version: ({ definition }: Defined<Named>) => definition.version,
    superseded: ({ supersededAt }: Defined<Named>) => supersededAt !== null,
    throughPosition: async ({ definition }: Defined<Named>, _: unknown, { loaders }: Context) =>
      loaders.automationProgress.load(`${kind} ${definitionId(definition)}`),
  };
}
