import {
  buildClientSchema,
  getIntrospectionQuery,
  getNamedType,
  isListType,
  isNonNullType,
  isObjectType,
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLSchema,
  type IntrospectionQuery,
} from 'graphql';
import type { Asked } from './graphql.ts';

/** The schema as a client gets it: by introspection over the service's own handler, not from the file. */
export async function servedSchema({ ask }: Asked): Promise<GraphQLSchema> {
  const { data, errors } = await ask(
    getIntrospectionQuery({
      ...{ specifiedByUrl: true, inputValueDeprecation: true, schemaDescription: true },
    }),
  );
  if (errors.length > 0) throw new Error(JSON.stringify(errors));
  return buildClientSchema(data as IntrospectionQuery);
}

export type ConnectionField = {
  readonly type: GraphQLObjectType;
  readonly field: GraphQLField<unknown, unknown>;
};

/** Every field of an object type that leads to a Relay connection. */
export function connectionFields(schema: GraphQLSchema): ConnectionField[] {
  return Object.values(schema.getTypeMap())
    .filter((type) => isObjectType(type) && !type.name.startsWith('__'))
    .flatMap((type) =>
      Object.values((type as GraphQLObjectType).getFields())
        .filter((field) => isConnection(field.type))
        .map((field) => ({ type: type as GraphQLObjectType, field })),
    );
}

export function isConnection(type: GraphQLOutputType): boolean {
  const named = getNamedType(type);
  return isObjectType(named) && named.name.endsWith('Connection');
}

export function implementsNode(type: GraphQLObjectType): boolean {
  return type.getInterfaces().some(({ name }) => name === 'Node');
}

/** Fields from `Query` that lead to each type without passing through a list: how Relay reaches what has no id. */
export function pathsFromQuery(
  schema: GraphQLSchema,
): ReadonlyMap<string, readonly GraphQLField<unknown, unknown>[]> {
  const query = schema.getQueryType()!;
  const paths = new Map<string, GraphQLField<unknown, unknown>[]>([[query.name, []]]);
  const queue: GraphQLObjectType[] = [query];
  for (let type = queue.shift(); type !== undefined; type = queue.shift()) {
    for (const field of Object.values(type.getFields())) {
      const next = isNonNullType(field.type) ? field.type.ofType : field.type;
      if (isListType(next) || !isObjectType(next) || paths.has(next.name)) continue;
      paths.set(next.name, [...paths.get(type.name)!, field]);
      queue.push(next);
    }
  }
  return paths;
}

/** Fields of things with an id that hold something of this type, which has none. */
export function partsOfNodes(schema: GraphQLSchema, part: GraphQLObjectType): ConnectionField[] {
  return Object.values(schema.getTypeMap())
    .filter((type) => isObjectType(type))
    .filter(implementsNode)
    .flatMap((type) =>
      Object.values(type.getFields())
        .filter((field) => getNamedType(field.type) === part)
        .map((field) => ({ type, field })),
    );
}
