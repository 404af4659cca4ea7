import {
  GraphQLError,
  Lexer,
  NoSchemaIntrospectionCustomRule,
  parse,
  Source,
  TokenKind,
  validate,
  type DocumentNode,
  type GraphQLSchema,
} from 'graphql';
import { StemmaError, type ErrorCode } from '../errors.ts';
import { checkLimits, type Limits, type OnCost, type Variables } from './limits.ts';

export type OperationRequest = { readonly query: string; readonly variables?: Variables | null };

/** The checks that every operation passes before it runs, over whichever transport it comes. */
export interface Validation {
  /**
   * Refuses what is too large, too deep or too costly. What is not even GraphQL passes: whoever parses it next says so.
   *
   * @throws StemmaError QUERY_TOO_LARGE, QUERY_TOO_DEEP, QUERY_TOO_COSTLY, PAGE_SIZE_TOO_LARGE, BAD_USER_INPUT
   */
  checkLimits(request: OperationRequest): void;
  /** The whole check, for transports that Apollo Server does not serve: the document, or why it is refused. */
  validate(request: OperationRequest): DocumentNode | readonly GraphQLError[];
}

/** Brackets within brackets that the parser, which calls itself for each, is trusted with. */
const MAX_NESTING = 100;
const OPENING = new Set<string>([TokenKind.BRACE_L, TokenKind.BRACKET_L, TokenKind.PAREN_L]);
const CLOSING = new Set<string>([TokenKind.BRACE_R, TokenKind.BRACKET_R, TokenKind.PAREN_R]);

export function createValidation(
  schema: GraphQLSchema,
  limits: Limits,
  options: {
    /** Default true. */
    readonly introspection?: boolean;
    /** Is told what an operation costs, before it is refused for it. */
    readonly onCost?: OnCost;
  } = {},
): Validation {
  const { introspection = true, onCost } = options;
  return {
    checkLimits({ query, variables }) {
      const document = orSyntaxError(() => {
        checkTokens(query, limits);
        return parse(query);
      });
      if (!(document instanceof GraphQLError)) {
        checkLimits(schema, document, variables ?? {}, limits, onCost);
      }
    },
    validate(request) {
      this.checkLimits(request);
      const document = orSyntaxError(() => parse(request.query));
      if (document instanceof GraphQLError) return [withCode('GRAPHQL_PARSE_FAILED')(document)];
      const errors = validate(schema, document);
      if (errors.length > 0) return errors.map(withCode('GRAPHQL_VALIDATION_FAILED'));
      const looks = introspection
        ? []
        : validate(schema, document, [NoSchemaIntrospectionCustomRule]);
      return looks.length > 0 ? looks.map(withCode('INTROSPECTION_DISABLED')) : document;
    },
  };
}

/** As Apollo Server calls what it refuses. */
function withCode(code: ErrorCode) {
  return ({ message, nodes, source, positions, originalError, extensions }: GraphQLError) =>
    new GraphQLError(message, {
      ...{ nodes: nodes ?? null, source: source ?? null, positions: positions ?? null },
      ...{ originalError: originalError ?? null, extensions: { ...extensions, code } },
    });
}

/** Counts before anything is built of the text. */
function checkTokens(query: string, { maxTokens }: Limits): void {
  const lexer = new Lexer(new Source(query));
  let nesting = 0;
  let deepest = 0;
  for (let count = 0; lexer.advance().kind !== TokenKind.EOF; count += 1) {
    if (count === maxTokens) {
      throw tooMuch('QUERY_TOO_LARGE', `more than ${maxTokens} tokens`, maxTokens);
    }
    if (OPENING.has(lexer.token.kind)) nesting += 1;
    else if (CLOSING.has(lexer.token.kind)) nesting -= 1;
    deepest = Math.max(deepest, nesting);
  }
  if (deepest > MAX_NESTING) {
    throw tooMuch('QUERY_TOO_DEEP', `${deepest} brackets within one another`, MAX_NESTING);
  }
}

function tooMuch(
  code: 'QUERY_TOO_LARGE' | 'QUERY_TOO_DEEP',
  what: string,
  limit: number,
): StemmaError {
  return new StemmaError(
    code,
    `The query has ${what}: send values as variables, and ask for less at once.`,
    { details: { limit } },
  );
}

function orSyntaxError(read: () => DocumentNode): DocumentNode | GraphQLError {
  try {
    return read();
  } catch (error) {
    if (error instanceof GraphQLError) return error;
    throw error;
  }
}
