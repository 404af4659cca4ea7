import type { ApolloServerOptionsWithGateway } from '@apollo/server';
import {
  execute,
  OperationTypeNode,
  type DocumentNode,
  type ExecutionResult,
  type GraphQLSchema,
  type OperationDefinitionNode,
} from 'graphql';
import { StemmaError } from '../errors.ts';
import { readAhead } from './completeness.ts';
import type { Context } from './context.ts';
import { toRefusal } from './errors.ts';
import { generateCode, type Generated } from './generated-code.ts';
import { tellOnTheWay } from './on-the-way.ts';
import { operationProblem } from './operations.ts';

/** What Apollo Server calls whoever executes in its place. */
type Gateway = ApolloServerOptionsWithGateway<Context>['gateway'];
type Operation = Parameters<NonNullable<Awaited<ReturnType<Gateway['load']>>['executor']>>[0];

/** A query or mutation of a valid document. */
export type CheckedOperation = {
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
  readonly operationName: string | null;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly context: Context;
};

export type Execute = (checked: CheckedOperation) => Promise<ExecutionResult>;

/** Has Apollo Server execute what it has checked as every other operation is. */
export function toGateway(schema: GraphQLSchema, run: Execute): Gateway {
  return {
    onSchemaLoadOrUpdate(tell) {
      tell({ apiSchema: schema, coreSupergraphSdl: '' });
      return () => undefined;
    },
    load: () => Promise.resolve({ executor }),
    stop: () => Promise.resolve(),
  };

  async function executor(request: Operation): Promise<ExecutionResult> {
    const { document, operation, operationName } = request;
    // Apollo Server comes here without an operation as well, whatever its types say: it expects an error then, not an exception
    const problem =
      operationProblem(document, request.request.operationName) ?? transportProblem(operation);
    if (problem !== null) return { errors: [toRefusal(problem)] };
    const context = request.context as Context; // the one that createGraphql makes
    const variables = request.request.variables ?? {};
    return run({ document, operation, operationName, variables, context });
  }
}

function transportProblem({ operation }: OperationDefinitionNode): StemmaError | null {
  if (operation !== OperationTypeNode.SUBSCRIPTION) return null;
  return new StemmaError(
    'BAD_REQUEST',
    "A subscription needs a connection that stays open: use a WebSocket (graphql-transport-ws), or POST with 'accept: text/event-stream'.",
    { details: { reason: 'SUBSCRIPTION' } },
  );
}

/** Executes operations as code that was generated for them where there is some, else by graphql-js. */
export function createExecution(schema: GraphQLSchema): Execute {
  /** For as long as somebody keeps the document. */
  const known = new WeakMap<OperationDefinitionNode, Generated | null>();

  return async (checked) => {
    const { document, operation, context } = checked;
    await readAhead(document, context);
    return tellOnTheWay(await answer(checked), operation.operation, context);
  };

  async function answer(checked: CheckedOperation): Promise<ExecutionResult> {
    const { document, operationName, variables, context } = checked;
    const answered = await generatedFor(checked)?.(context, variables);
    return (
      answered ??
      execute({
        ...{ schema, document, operationName },
        contextValue: context,
        variableValues: variables,
      })
    );
  }

  function generatedFor({ document, operation }: CheckedOperation): Generated | null {
    let generated = known.get(operation);
    if (generated === undefined) {
      generated = generateCode(schema, document, operation);
      known.set(operation, generated);
    }
    return generated;
  }
}
