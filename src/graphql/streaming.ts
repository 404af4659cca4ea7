import {
  createSourceEventStream,
  execute,
  getOperationAST,
  type GraphQLError,
  OperationTypeNode,
  type DocumentNode,
  type ExecutionResult,
  type GraphQLFormattedError,
  type GraphQLSchema,
  type OperationDefinitionNode,
} from 'graphql';
import { StemmaError } from '../errors.ts';
import type { LiveItem } from '../live/watcher.ts';
import type { Log } from '../telemetry.ts';
import type { Context } from './context.ts';
import { presentError, toRefusal } from './errors.ts';
import type { Execute } from './execute.ts';
import { mapped } from './mapped.ts';
import { operationProblem } from './operations.ts';
import type { Validation } from './validate.ts';

export type StreamedRequest = {
  readonly query: string;
  readonly variables?: Readonly<Record<string, unknown>> | null | undefined;
  readonly operationName?: string | null | undefined;
  /** Ends the connection, where a subscription on it is too slow. */
  readonly onDropped: (error: StemmaError) => void;
};

/** An operation that passed every check. */
export type Prepared = {
  readonly schema: GraphQLSchema;
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
  readonly operationName: string | null;
  readonly variableValues: Readonly<Record<string, unknown>>;
  readonly onDropped: (error: StemmaError) => void;
};

/** Operations over connections that stay open, checked and executed as those over HTTP. */
export interface Streaming {
  /** Or why it is refused. */
  prepare(request: StreamedRequest): Prepared | readonly GraphQLError[];
  /** One answer, or of a subscription one after the other, of which `return` ends it at once. */
  run(
    prepared: Prepared,
  ): Promise<ExecutionResult | AsyncGenerator<ExecutionResult, void, undefined>>;
  /** Errors as clients see them. */
  present(errors: readonly GraphQLError[], requestId: string): GraphQLFormattedError[];
}

export type StreamingParts = {
  readonly schema: GraphQLSchema;
  readonly validation: Validation;
  readonly run: Execute;
  readonly newContext: (onDropped?: Context['onDropped']) => Context;
  readonly log: Log;
};

export function createStreaming(parts: StreamingParts): Streaming {
  const { schema, validation, newContext, log } = parts;
  return {
    prepare({ query, variables, operationName, onDropped }) {
      const checked = check(() => validation.validate({ query, variables: variables ?? null }));
      if (!isDocument(checked)) return checked;
      const problem = operationProblem(checked, operationName);
      const operation = getOperationAST(checked, operationName);
      if (problem !== null || operation == null)
        return problem === null ? [] : [toRefusal(problem)];
      return {
        ...{ schema, document: checked, operation, onDropped },
        operationName: operationName ?? null,
        variableValues: variables ?? {},
      };
    },
    async run(prepared) {
      const { document, operation, operationName, variableValues, onDropped } = prepared;
      if (operation.operation !== OperationTypeNode.SUBSCRIPTION) {
        const context = newContext();
        return parts.run({
          document,
          operation,
          operationName,
          variables: variableValues,
          context,
        });
      }
      const asked = { schema, document, operationName, variableValues };
      const items = await createSourceEventStream({
        ...asked,
        contextValue: newContext(onDropped),
      });
      if (!(Symbol.asyncIterator in items)) return items;
      // of each item in a context of its own: what was read for the one before may be out of date
      return mapped(items as AsyncGenerator<LiveItem, void, undefined>, async (rootValue) =>
        execute({ ...asked, rootValue, contextValue: newContext() }),
      );
    },
    present: (errors, requestId) =>
      errors.map((error) => presentError(error.toJSON(), error, requestId, log)),
  };
}

function isDocument(checked: DocumentNode | readonly GraphQLError[]): checked is DocumentNode {
  return 'kind' in checked;
}

function check<T>(validate: () => T): T | readonly GraphQLError[] {
  try {
    return validate();
  } catch (error) {
    if (error instanceof StemmaError) return [toRefusal(error)];
    throw error;
  }
}
