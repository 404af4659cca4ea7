import {
  getVariableValues,
  GraphQLError,
  Kind,
  OperationTypeNode,
  type DocumentNode,
  type ExecutionResult,
  type GraphQLSchema,
  type OperationDefinitionNode,
  type SelectionSetNode,
  type Source,
} from 'graphql';
import { compileQuery, isCompiledQuery } from 'graphql-jit';
import { defaultsOf } from './operations.ts';

type Variables = Readonly<Record<string, unknown>>;

/** An operation as code that was generated for it; it gives null where graphql-js says best what is amiss with the variables. */
export type Generated = (context: unknown, variables: Variables) => Promise<ExecutionResult | null>;

/** The root field whose answers have so many fields that going through them one by one takes longer than finding them. */
const LARGE = 'lineage';
/** Objects within objects, such as lineage, nodes, node: code for deeper ones would be generated again for every kind of thing. */
const MAX_LEVELS = 3;

/**
 * Code for an operation that asks for lineage and nothing else, where that is worth it (docs/decisions/0021); null for every other one.
 * It reads a field without a resolver as a plain property, never as a function or promise.
 *
 * @param document valid
 */
export function generateCode(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
): Generated | null {
  if (!isLarge(document, operation)) return null;
  const compiled = compileQuery(schema, document, operation.name?.value ?? '');
  if (!isCompiledQuery(compiled)) return null;
  const definitions = operation.variableDefinitions ?? [];
  return async (context, variables) => {
    if (getVariableValues(schema, definitions, variables).errors !== undefined) return null;
    // generated code misses the defaults of variables that must not be null
    const given = { ...defaultsOf(operation), ...variables };
    const { data, errors } = await compiled.query(undefined, context, given);
    const told = errors?.map((error) => toError(error, operation.loc?.source));
    return { data: data ?? null, ...(told === undefined ? {} : { errors: told }) };
  };
}

/** The error of generated code as graphql-js would have made it. */
function toError(
  { message, locations, path, originalError }: GraphQLError,
  source: Source | undefined,
): GraphQLError {
  const lines = source?.body.split(/(?<=\r\n|[\n\r](?!\n))/) ?? [];
  const positions = locations?.map(
    ({ line, column }) => lines.slice(0, line - 1).join('').length + column - 1,
  );
  return new GraphQLError(message, { source, positions, path, originalError });
}

/** Whether generated code executes it; the document is valid. */
export function isLarge(document: DocumentNode, operation: OperationDefinitionNode): boolean {
  const fragments = new Map(
    document.definitions.flatMap((one) =>
      one.kind === Kind.FRAGMENT_DEFINITION ? [[one.name.value, one.selectionSet] as const] : [],
    ),
  );
  /** Each fragment once: one that spreads another twice, and so on, would be walked 2^n times. */
  const levels = new Map<string, number>();
  const levelsOf = ({ selections }: SelectionSetNode): number =>
    Math.max(
      ...selections.map((selection) => {
        if (selection.kind === Kind.INLINE_FRAGMENT) return levelsOf(selection.selectionSet);
        if (selection.kind === Kind.FIELD) {
          return selection.selectionSet === undefined ? 0 : 1 + levelsOf(selection.selectionSet);
        }
        const name = selection.name.value;
        const fragment = fragments.get(name);
        const known = levels.get(name) ?? (fragment === undefined ? 0 : levelsOf(fragment));
        levels.set(name, known);
        return known;
      }),
    );
  const { selections } = operation.selectionSet;
  return (
    operation.operation === OperationTypeNode.QUERY &&
    selections.every((one) => one.kind === Kind.FIELD && one.name.value === LARGE) &&
    levelsOf(operation.selectionSet) <= MAX_LEVELS
  );
}
