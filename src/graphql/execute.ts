import type { ApolloServerOptionsWithGateway } from '@apollo/server';
import {
  execute,
  type ExecutionResult,
  type GraphQLSchema,
  type OperationDefinitionNode,
} from 'graphql';
import { readAhead } from './completeness.ts';
import type { Context } from './context.ts';
import { toRefusal } from './errors.ts';
import { generateCode, type Generated } from './generated-code.ts';
import { tellOnTheWay } from './on-the-way.ts';
import { operationProblem } from './operations.ts';

/** What Apollo Server calls whoever executes in its place. */
type Gateway = ApolloServerOptionsWithGateway<Context>['gateway'];
type Operation = Parameters<NonNullable<Awaited<ReturnType<Gateway['load']>>['executor']>>[0];

/** Executes the operations that Apollo Server has checked: as code that was generated for them where there is some, else by graphql-js. */
export function createExecution(schema: GraphQLSchema): Gateway {
  /** For as long as Apollo Server keeps the document. */
  const known = new WeakMap<OperationDefinitionNode, Generated | null>();

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
    const { document, operationName, context } = request;
    const variables = request.request.variables ?? {};
    const answered = await generatedFor(request)?.(context, variables);
    return (
      answered ??
      execute({
        ...{ schema, document, operationName },
        contextValue: context,
        variableValues: variables,
      })
    );
  }

  function generatedFor({ document, operation }: Operation): Generated | null {
    let generated = known.get(operation);
    if (generated === undefined) {
      generated = generateCode(schema, document, operation);
      known.set(operation, generated);
    }
    return generated;
  }
}
