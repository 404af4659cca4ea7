import {
  getOperationAST,
  Kind,
  valueFromASTUntyped,
  type DocumentNode,
  type OperationDefinitionNode,
} from 'graphql';
import { StemmaError } from '../errors.ts';

/** The values of the variables that a request leaves out, as the operation itself gives them; never those that it gives as null. */
export function defaultsOf({
  variableDefinitions = [],
}: Pick<OperationDefinitionNode, 'variableDefinitions'>): Record<string, unknown> {
  return Object.fromEntries(
    variableDefinitions.flatMap(({ variable, defaultValue }) =>
      defaultValue === undefined ? [] : [[variable.name.value, valueFromASTUntyped(defaultValue)]],
    ),
  );
}

/**
 * Why it cannot be told which operation of a valid document is to run, or null: without a name there must be only one, and a name
 * must be that of one (GetOperation in section 6.1 of the GraphQL specification).
 */
export function operationProblem(
  document: DocumentNode,
  operationName: string | null | undefined,
): StemmaError | null {
  const operation: OperationDefinitionNode | null | undefined = getOperationAST(
    document,
    operationName,
  );
  if (operation !== null && operation !== undefined) return null;
  const names = document.definitions.flatMap((one) =>
    one.kind === Kind.OPERATION_DEFINITION ? [one.name?.value ?? null] : [],
  );
  return new StemmaError('BAD_REQUEST', messageOf(names, operationName ?? null), {
    details: { reason: 'OPERATION', path: 'operationName' },
  });
}

/** How many names an error gives at most, and how much of each. */
const MAX_NAMES = 10;
const MAX_NAME_LENGTH = 80;

function messageOf(names: readonly (string | null)[], asked: string | null): string {
  if (names.length === 0) return 'The document has no operation, only fragments: add a query.';
  const known = names
    .flatMap((name) => (name === null ? [] : [`'${name.slice(0, MAX_NAME_LENGTH)}'`]))
    .slice(0, MAX_NAMES);
  const remedy = known.length === 0 ? 'leave the name out' : `give one of ${known.join(', ')}`;
  return asked === null
    ? `The document has ${names.length} operations and 'operationName' names none of them: ${remedy}.`
    : `The document has no operation named '${asked.slice(0, MAX_NAME_LENGTH)}': ${remedy}.`;
}
