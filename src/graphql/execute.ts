import type { ApolloServerOptionsWithGateway } from '@apollo/server';
import {
  execute,
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
import { compileQuery, isCompiledQuery, type CompiledQuery } from 'graphql-jit';
import { readAhead } from './completeness.ts';
import type { Context } from './context.ts';
import { toRefusal } from './errors.ts';
import { tellOnTheWay } from './on-the-way.ts';
import { defaultsOf, operationProblem } from './operations.ts';

/** What Apollo Server calls whoever executes in its place. */
type Gateway = ApolloServerOptionsWithGateway<Context>['gateway'];
type Operation = Parameters<NonNullable<Awaited<ReturnType<Gateway['load']>>['executor']>>[0];

type Variables = Readonly<Record<string, unknown>>;

/** The root field whose answers have so many fields that going through them one by one takes longer than finding them. */
const LARGE = 'lineage';
/** Objects within objects, such as lineage, nodes, node: code for deeper ones would be generated again for every kind of thing. */
const MAX_LEVELS = 3;

/**
 * Executes the operations that Apollo Server has checked: those that ask for lineage as code that is generated for them, all
 * others, and those that ask for more of each thing than what it is, by graphql-js. Generated code reads a field without a
 * resolver as a plain property, never as a function or promise.
 */
export function createExecution(schema: GraphQLSchema): Gateway {
  /** For as long as Apollo Server keeps the document; null for those that graphql-js executes. */
  const known = new WeakMap<OperationDefinitionNode, CompiledQuery | null>();

  return {
    onSchemaLoadOrUpdate(tell) {
      tell({ apiSchema: schema, coreSupergraphSdl: '' });
      return () => undefined;
    },
    load: () => Promise.resolve({ executor: run }),
    stop: () => Promise.resolve(),
  };

  async function run(request: Operation): Promise<ExecutionResult> {
    const { document, operation, context } = request;
    // Apollo Server comes here without an operation as well, whatever its types say: it expects an error then, not an exception
    const problem = operationProblem(document, request.request.operationName);
    if (problem !== null) return { errors: [toRefusal(problem)] };
    const ours = context as Context; // the one that createGraphql makes
    await readAhead(document, ours);
    return tellOnTheWay(await answer(request), operation.operation, ours);
  }

  async function answer(request: Operation): Promise<ExecutionResult> {
    const { document, operation, operationName, context } = request;
    const variables = request.request.variables ?? {};
    const compiled = compiledOf(request);
    // graphql-js says best what is amiss with variables
    if (compiled === null || !areValid(operation, variables)) {
      return execute({
        ...{ schema, document, operationName },
        contextValue: context,
        variableValues: variables,
      });
    }
    // generated code misses the defaults of variables that must not be null
    const given = { ...defaultsOf(operation), ...variables };
    const result = await compiled.query(undefined, context, given);
    const errors = result.errors?.map((error) => toError(error, operation.loc?.source));
    return { data: result.data ?? null, ...(errors === undefined ? {} : { errors }) };
  }

  function areValid(operation: OperationDefinitionNode, variables: Variables): boolean {
    const definitions = operation.variableDefinitions ?? [];
    return getVariableValues(schema, definitions, variables).errors === undefined;
  }

  function compiledOf(request: Operation): CompiledQuery | null {
    const { document, operation, operationName } = request;
    let compiled = known.get(operation);
    if (compiled !== undefined) return compiled;
    const result = isLarge(document, operation)
      ? compileQuery(schema, document, operationName ?? '')
      : null;
    compiled = result !== null && isCompiledQuery(result) ? result : null;
    known.set(operation, compiled);
    return compiled;
  }
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
