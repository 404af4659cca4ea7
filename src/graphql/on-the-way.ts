import { GraphQLError, OperationTypeNode, type ExecutionResult } from 'graphql';
import { StemmaError } from '../errors.ts';
import type { Context } from './context.ts';

/** Log numbers: what was accepted, and what of it has come into the graph. */
type OnTheWay = { readonly acceptedPosition: number; readonly throughPosition: number };

/**
 * An answer that misses something, while events are on their way that may bring it, says so: with `extensions.onTheWay`, and in the
 * sentence of NOT_FOUND. Asked of the bus only for such an answer.
 */
export async function tellOnTheWay(
  result: ExecutionResult,
  operation: OperationTypeNode,
  { busState }: Context,
): Promise<ExecutionResult> {
  if (operation !== OperationTypeNode.QUERY || busState === null || !isMissing(result))
    return result;
  const state = await busState().catch(() => null);
  if (state === null || state.acceptedPosition <= state.throughPosition) return result;
  const { acceptedPosition, throughPosition } = state;
  const onTheWay: OnTheWay = { acceptedPosition, throughPosition };
  const errors = result.errors?.map((error) => withHint(error, onTheWay));
  return {
    ...result,
    ...(errors === undefined ? {} : { errors }),
    extensions: { ...result.extensions, onTheWay },
  };
}

function isMissing({ data, errors = [] }: ExecutionResult): boolean {
  return errors.length > 0
    ? errors.some(isNotFound)
    : Object.values(data ?? {}).some((value) => value === null);
}

function isNotFound({ originalError }: GraphQLError): boolean {
  return originalError instanceof StemmaError && originalError.code === 'NOT_FOUND';
}

function withHint(error: GraphQLError, onTheWay: OnTheWay): GraphQLError {
  const { originalError: missing, source, positions, path } = error;
  if (!(missing instanceof StemmaError) || missing.code !== 'NOT_FOUND') return error;
  const { acceptedPosition, throughPosition } = onTheWay;
  const message = `${missing.message} Events are on their way to the graph (accepted up to ${acceptedPosition}, applied up to ${throughPosition}): ask again shortly.`;
  const details = { ...missing.details, onTheWay };
  const originalError = new StemmaError(missing.code, message, { details });
  return new GraphQLError(message, { source, positions, path, originalError });
}
