import { readFileSync } from 'node:fs';
import {
  buildSchema,
  isInterfaceType,
  isObjectType,
  isScalarType,
  valueFromASTUntyped,
  type GraphQLFieldResolver,
  type GraphQLSchema,
} from 'graphql';
import type { Context } from './context.ts';
import { resolvers } from './resolvers.ts';
import { SCALARS } from './scalars.ts';

const FILE = new URL('../../schema.graphql', import.meta.url);

/**
 * schema.graphql with its resolvers and scalars.
 *
 * @throws Error where a resolver or scalar has no place in it: a mistake of ours, so the process must not start
 */
export function createSchema(): GraphQLSchema {
  const schema = buildSchema(readFileSync(FILE, 'utf8'));
  for (const [name, fields] of Object.entries(resolvers)) {
    const type = schema.getType(name);
    if (!isObjectType(type)) throw new Error(`schema.graphql has no type ${name}.`);
    for (const [fieldName, resolve] of Object.entries(
      fields as Readonly<Record<string, unknown>>,
    )) {
      const field = type.getFields()[fieldName];
      if (field === undefined) throw new Error(`schema.graphql has no field ${name}.${fieldName}.`);
      // typed where it is written
      if (isSubscription(resolve)) {
        field.subscribe = resolve.subscribe;
        field.resolve = resolve.resolve;
      } else field.resolve = resolve as Resolve;
    }
  }
  for (const type of Object.values(schema.getTypeMap())) {
    if (isInterfaceType(type)) {
      type.resolveType = (value: { readonly label?: string }) =>
        value.label ?? ('attempts' in value ? 'DeadLetter' : 'Event');
    }
    if (!isScalarType(type) || type.astNode == null) continue;
    const codec = SCALARS[type.name];
    if (codec === undefined) throw new Error(`Nobody reads the scalar ${type.name}.`);
    type.serialize = codec.serialize;
    type.parseValue = codec.parseValue;
    type.parseLiteral = (node, variables) => codec.parseValue(valueFromASTUntyped(node, variables));
  }
  return schema;
}

type Resolve = GraphQLFieldResolver<unknown, Context>;

function isSubscription(
  resolver: unknown,
): resolver is { readonly subscribe: Resolve; readonly resolve: Resolve } {
  return typeof resolver === 'object' && resolver !== null && 'subscribe' in resolver;
}
