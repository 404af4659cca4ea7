import {
  jsonProblem,
  MAX_JSON_DEPTH,
  numberProblem,
  pathPart,
  stringProblem,
  tooDeep,
} from './json-problem.ts';

/** A value still to be checked, and the way to it from the root. */
type Todo = {
  readonly value: unknown;
  readonly key: string | number;
  readonly parent: Todo | null;
  readonly depth: number;
};

/**
 * The checks of parseStrictJson on a value that is already parsed (GraphQL's JSON scalar, variables). What parsing has lost
 * (duplicate keys, digits of big integers in the text) cannot be found here.
 *
 * @throws StemmaError BAD_USER_INPUT with `details.reason` and `details.path`, or PAYLOAD_TOO_DEEP
 */
export function checkValue(value: unknown, maxDepth: number = MAX_JSON_DEPTH): void {
  const stack: Todo[] = [{ value, key: '', parent: null, depth: 0 }];
  for (let todo = stack.pop(); todo !== undefined; todo = stack.pop()) {
    const { value: found } = todo;
    if (typeof found !== 'object' || found === null) checkScalar(found, todo);
    else pushChildren(found, todo, stack, maxDepth);
  }
}

function checkScalar(value: unknown, todo: Todo): void {
  if (value === null || typeof value === 'boolean') return;
  if (typeof value !== 'string' && typeof value !== 'number')
    throw jsonProblem('JSON_VALUE', pathOf(todo), null);
  const reason = typeof value === 'string' ? stringProblem(value) : numberProblem(value, false);
  if (reason !== null) throw jsonProblem(reason, pathOf(todo), null);
}

function pushChildren(container: object, todo: Todo, stack: Todo[], maxDepth: number): void {
  const depth = todo.depth + 1; // a cycle ends here too
  if (depth > maxDepth) throw tooDeep(maxDepth, pathOf(todo), null);
  if (Array.isArray(container)) {
    for (let at = container.length - 1; at >= 0; at -= 1) {
      stack.push({ value: container[at] as unknown, key: at, parent: todo, depth });
    }
    return;
  }
  for (const [key, value] of Object.entries(container)) {
    const child: Todo = { value, key, parent: todo, depth };
    if (key === '__proto__' || (key === 'prototype' && todo.key === 'constructor')) {
      throw jsonProblem('JSON_FORBIDDEN_KEY', pathOf(child), null);
    }
    const reason = stringProblem(key);
    if (reason !== null) throw jsonProblem(reason, pathOf(child), null);
    stack.push(child);
  }
}

function pathOf(todo: Todo): string {
  const parts: string[] = [];
  for (let at: Todo = todo; at.parent !== null; at = at.parent) parts.unshift(pathPart(at.key));
  return parts.join('.');
}
