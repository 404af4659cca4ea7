import { Environment, type ASTNode } from '@marcbachmann/cel-js';
import { messageOf, StemmaError } from '../errors.ts';

/** The longest expression, in characters. */
export const MAX_EXPRESSION = 2_000;
/** Every macro walks through a list of the event, so that what an expression costs grows with their number. */
const MAX_MACROS = 3;
const MACROS = new Set(['all', 'exists', 'exists_one', 'map', 'filter']);
/** A regular expression may take time that is exponential in its input, and names bound to values memory that is exponential in theirs. */
const FORBIDDEN: Readonly<Record<string, string>> = {
  matches: 'use startsWith, endsWith, contains or ==',
  bind: 'write the value where it is used',
};

/** What an expression can speak of, and the type of each. */
export type Variables = Readonly<Record<string, string>>;

/** A compiled expression. */
export type Expression = {
  readonly text: string;
  /** @throws Error where it has no value for this input, such as for a field that is not there */
  evaluate(values: Readonly<Record<string, unknown>>): unknown;
};

export type Compiler = {
  /**
   * Compiles an expression of the Common Expression Language. It reads its variables and nothing else, and is bounded: 2,000 characters,
   * 200 nodes, three macros that are not nested, no regular expressions.
   *
   * @param types what its value may be, as CEL calls it, such as `map<` for a map of anything; `dyn` where that shows only with an event always passes
   * @param path where it stands, for the error
   * @throws StemmaError BAD_USER_INPUT with `details.path`
   * @see https://github.com/google/cel-spec/blob/master/doc/langdef.md
   */
  compile(text: string, types: readonly string[], path: string): Expression;
};

export function createCompiler(variables: Variables): Compiler {
  const environment = new Environment({
    homogeneousAggregateLiterals: false,
    limits: {
      ...{ maxAstNodes: 200, maxDepth: 32, maxListElements: 100 },
      ...{ maxMapEntries: 100, maxCallArguments: 8 },
    },
  });
  for (const [name, type] of Object.entries(variables)) environment.registerVariable(name, type);
  return {
    compile(text, types, path) {
      if (text.length > MAX_EXPRESSION) {
        throw wrong(text, `has more than ${MAX_EXPRESSION} characters`, path);
      }
      const parsed = parse(environment, text, path);
      const problem = problemOf(parsed.ast);
      if (problem !== null) throw wrong(text, problem, path);
      const { valid, type = 'dyn', error } = parsed.check();
      if (!valid) throw wrong(text, sentence(error), path);
      if (type !== 'dyn' && !types.some((one) => isOf(type, one))) {
        const wanted = types.map((one) => one.replace(/<$/, ''));
        throw wrong(text, `is of type ${type}, not ${[...new Set(wanted)].join(' or ')}`, path);
      }
      return { text, evaluate: (values) => parsed(values) as unknown };
    },
  };
}

function isOf(type: string, wanted: string): boolean {
  return wanted.endsWith('<') ? type.startsWith(wanted) : type === wanted;
}

function parse(environment: Environment, text: string, path: string) {
  try {
    return environment.parse(text);
  } catch (cause) {
    throw wrong(text, sentence(cause), path);
  }
}

/** Why an expression is not taken, or null. */
function problemOf(ast: ASTNode): string | null {
  let macros = 0;
  let problem: string | null = null;
  const visit = (value: unknown, isInMacro: boolean): void => {
    if (Array.isArray(value)) for (const one of value) visit(one, isInMacro);
    if (!isNode(value)) return;
    if (value.op !== 'rcall') {
      visit(value.args, isInMacro);
      return;
    }
    const [name, receiver, args] = value.args;
    const remedy = FORBIDDEN[name];
    if (remedy !== undefined) problem ??= `calls ${name}(), which is not bounded: ${remedy}`;
    const isMacro = MACROS.has(name);
    macros += Number(isMacro);
    if (isMacro && isInMacro) problem ??= `has ${name}() within another macro`;
    visit(receiver, isInMacro);
    visit(args, isInMacro || isMacro);
  };
  visit(ast, false);
  if (macros > MAX_MACROS) problem ??= `has ${macros} macros; at most ${MAX_MACROS} are allowed`;
  return problem;
}

function isNode(value: unknown): value is ASTNode {
  return typeof value === 'object' && value !== null && 'op' in value && 'args' in value;
}

/** The library shows the place below its sentence. */
function sentence(error: unknown): string {
  return messageOf(error).split('\n')[0] ?? 'cannot be read';
}

function wrong(text: string, why: string, path: string): StemmaError {
  return new StemmaError(
    'BAD_USER_INPUT',
    `${path}: the CEL expression '${text.slice(0, 200)}' is not valid: ${why.replace(/\.$/, '')}.`,
    { details: { path } },
  );
}
