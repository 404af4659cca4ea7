import type {
  DocumentNode,
  ExecutionResult,
  FormattedExecutionResult,
  GraphQLError,
  GraphQLFormattedError,
  GraphQLSchema,
  OperationDefinitionNode,
} from 'graphql';
import type { StemmaError } from '../errors.ts';

export type StreamedOperation = {
  readonly query: string;
  readonly variables?: Readonly<Record<string, unknown>> | null | undefined;
  readonly operationName?: string | null | undefined;
};

/** An operation that passed every check. */
export type PreparedOperation = {
  readonly schema: GraphQLSchema;
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
  readonly operationName: string | null;
  readonly variableValues: Readonly<Record<string, unknown>>;
  readonly onDropped: (error: StemmaError) => void;
};

/** Operations over connections that stay open, under the checks of all others. */
export interface StreamedOperations {
  /**
   * Or why it is refused.
   *
   * @param request.onDropped ends the connection, where a subscription on it is too slow
   */
  prepare(
    request: StreamedOperation & { readonly onDropped: (error: StemmaError) => void },
  ): PreparedOperation | readonly GraphQLError[];
  /** One answer, or of a subscription one after the other, of which `return` ends it at once. */
  run(
    prepared: PreparedOperation,
  ): Promise<ExecutionResult | AsyncGenerator<ExecutionResult, void, undefined>>;
  /** Errors as clients see them. */
  present(errors: readonly GraphQLError[], requestId: string): GraphQLFormattedError[];
}

/** As graphql-js and graphql-ws have it. */
type Answered = {
  readonly data?: Readonly<Record<string, unknown>> | null | undefined;
  readonly errors?: readonly GraphQLError[] | undefined;
};

/** An answer as clients see it. */
export function presented(
  { present }: Pick<StreamedOperations, 'present'>,
  { errors, ...result }: Answered,
  requestId: string,
): FormattedExecutionResult {
  const formatted = result as FormattedExecutionResult; // without what is undefined, as JSON leaves it out
  return errors === undefined ? formatted : { ...formatted, errors: present(errors, requestId) };
}
