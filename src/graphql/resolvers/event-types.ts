import { checkIdentifier } from '../../model/text.ts';
import { registeredTypes, typeKey, type RegisteredType } from '../../model/event-types.ts';
import type {
  EventTypeVersionResolvers,
  QueryEventTypeArgs,
  QueryEventTypesArgs,
} from '../__generated__/resolvers.ts';
import type { Context } from '../context.ts';
import { pageOf } from '../pages.ts';

/** @throws StemmaError BAD_USER_INPUT, PAGE_SIZE_TOO_LARGE */
export async function eventTypePage(
  { name = null, deprecated = null, ...args }: QueryEventTypesArgs,
  context: Context,
) {
  const types = registeredTypes(await context.reader.typeStatements()).filter(
    (type) =>
      (name === null || type.name === name) &&
      (deprecated === null || (type.deprecation !== null) === deprecated),
  );
  const keyOf = (type: RegisteredType): string => typeKey({ ...type, type: type.name });
  return pageOf(types, keyOf, ['eventTypes', name, deprecated], args, context);
}

/** Without a version: the newest. Null where there is none. */
export async function eventTypeOf(
  { name, version = null }: QueryEventTypeArgs,
  { reader }: Context,
): Promise<RegisteredType | null> {
  checkIdentifier(name, 'name');
  const versions = registeredTypes(await reader.typeStatements()).filter(
    (type) => type.name === name && (version === null || type.version === version),
  );
  return versions.at(-1) ?? null;
}

export const eventTypeVersion: EventTypeVersionResolvers = {
  deprecated: ({ deprecation }) => deprecation !== null,
  deprecationReason: ({ deprecation }) => deprecation?.reason ?? null,
  deprecatedAt: ({ deprecation }) => deprecation?.at ?? null,
};
