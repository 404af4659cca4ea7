import {
  getNamedType,
  isInterfaceType,
  isLeafType,
  isObjectType,
  Kind,
  valueFromASTUntyped,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLSchema,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'graphql';
import { StemmaError } from '../errors.ts';
import { defaultsOf } from './operations.ts';
import { DEFAULT_PAGE_SIZE, pageSizeProblem } from './pages.ts';

export type Limits = {
  /** Lexical tokens of a document. */
  readonly maxTokens: number;
  readonly maxDepth: number;
  readonly maxAliases: number;
  /** Fields of the operation itself, fragments counted in. */
  readonly maxRootFields: number;
  /** See costOf. */
  readonly maxCost: number;
};

export const DEFAULT_LIMITS: Limits = {
  maxTokens: 5_000,
  maxDepth: 15,
  maxAliases: 60,
  maxRootFields: 30,
  maxCost: 100_000,
};

export type Variables = Readonly<Record<string, unknown>>;

/** Hears what the operation of this name costs, in points. */
export type OnCost = (name: string | null, points: number) => void;

/** What a cost is reckoned of. */
type Asked = {
  readonly schema: GraphQLSchema;
  readonly operation: OperationDefinitionNode;
  readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  readonly variables: Variables;
};

/** A list of an operation, with the argument that says how many items it may have. */
type SizedList = {
  readonly node: FieldNode;
  /** Names of the fields that lead to it, with points between them; within a fragment, where that is spread first. */
  readonly path: string;
  readonly argument: string;
  readonly size: number;
};

/** A list that is asked of the database. */
const LIST_COST = 1;
/** A field that asks the database without being a list. */
const COUNTED = 'totalCount';
/** An object that comes with its parent. */
const OBJECT_COST = 0.1;

/**
 * What a document would take, judged before anything of it runs; the document need not be valid yet.
 *
 * @throws StemmaError QUERY_TOO_LARGE, QUERY_TOO_DEEP, QUERY_TOO_COSTLY (with `cost` and `limit`, and `list`, `argument` and `passes`
 *   where one list that is smaller is enough), PAGE_SIZE_TOO_LARGE, BAD_USER_INPUT
 */
export function checkLimits(
  schema: GraphQLSchema,
  document: DocumentNode,
  variables: Variables,
  limits: Limits,
  onCost?: OnCost,
): void {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION)
      fragments.set(definition.name.value, definition);
  }
  const shapes = createShapes(fragments);
  for (const definition of document.definitions) {
    if (definition.kind !== Kind.OPERATION_DEFINITION) continue;
    const { depth, aliases, fields } = shapes.of(definition.selectionSet);
    check('QUERY_TOO_DEEP', 'is nested', depth, limits.maxDepth, 'levels deep');
    check('QUERY_TOO_LARGE', 'has', aliases, limits.maxAliases, 'aliases');
    check('QUERY_TOO_LARGE', 'has', fields, limits.maxRootFields, 'root fields');
    checkCost({ schema, operation: definition, fragments, variables }, limits.maxCost, onCost);
  }
}

function check(
  code: 'QUERY_TOO_DEEP' | 'QUERY_TOO_LARGE',
  verb: string,
  value: number,
  limit: number,
  unit: string,
): void {
  if (value <= limit) return;
  throw new StemmaError(
    code,
    `The query ${verb} ${value} ${unit}; at most ${limit} are allowed: ask for less at once.`,
    { details: { limit } },
  );
}

function checkCost(asked: Asked, limit: number, onCost?: OnCost): void {
  const lists: SizedList[] = [];
  const cost = Math.ceil(costOf(asked, { found: (list) => lists.push(list) }));
  onCost?.(asked.operation.name?.value ?? null, cost);
  if (cost <= limit) return;
  const remedy = remedyFor(asked, lists, limit);
  const hint =
    remedy === null
      ? 'ask for less at once'
      : `most of it is the list '${remedy.list}', which passes with '${remedy.argument}: ${remedy.passes}'`;
  throw new StemmaError(
    'QUERY_TOO_COSTLY',
    `The query costs ${cost} points, counted by its lists; at most ${limit} are allowed: ${hint}.`,
    { details: { limit, cost, ...remedy } },
  );
}

/** The least that counts is a tenth of a point. */
const ROUNDING = 1e-6;
/** Lists that are looked at for a remedy: each is one more reckoning of the cost. */
const MOST_LISTS = 50;

/** The list that costs most of those which are enough to make smaller, with the size that passes; null where no single one is. */
function remedyFor(asked: Asked, lists: readonly SizedList[], limit: number) {
  const remedies = lists
    .filter(({ size }) => size > 1)
    .slice(0, MOST_LISTS)
    .flatMap(({ node, path, argument, size }) => {
      const [one, all] = [1, size].map((sized) => costOf(asked, { node, size: sized }));
      if (one === undefined || all === undefined || one > limit) return [];
      // what is below a list is counted as often as it has items, and nothing else depends on that
      const perItem = (all - one) / (size - 1);
      const passes = perItem === 0 ? size : Math.floor((limit - one) / perItem - ROUNDING) + 1;
      return passes >= size ? [] : [{ saved: all - one, list: path, argument, passes }];
    })
    .sort((a, b) => b.saved - a.saved);
  const [first] = remedies;
  return first === undefined
    ? null
    : { list: first.list, argument: first.argument, passes: first.passes };
}

/** `fields`: of this level, with those of its fragments. */
type Shape = { readonly depth: number; readonly aliases: number; readonly fields: number };

const EMPTY: Shape = { depth: 0, aliases: 0, fields: 0 };

/** Measures selections; every fragment once, however often it is spread. */
function createShapes(fragments: ReadonlyMap<string, FragmentDefinitionNode>) {
  const known = new Map<string, Shape>();
  return { of };

  function of({ selections }: SelectionSetNode): Shape {
    let { depth, aliases, fields } = EMPTY;
    for (const selection of selections) {
      let shape: Shape;
      if (selection.kind === Kind.FIELD) {
        const below = selection.selectionSet === undefined ? EMPTY : of(selection.selectionSet);
        const own = selection.alias === undefined ? 0 : 1;
        shape = { depth: below.depth + 1, aliases: below.aliases + own, fields: 1 };
      } else if (selection.kind === Kind.INLINE_FRAGMENT) shape = of(selection.selectionSet);
      else shape = fragment(selection.name.value);
      depth = Math.max(depth, shape.depth);
      aliases += shape.aliases;
      fields += shape.fields;
    }
    return { depth, aliases, fields };
  }

  function fragment(name: string): Shape {
    let shape = known.get(name);
    if (shape !== undefined) return shape;
    known.set(name, EMPTY); // a fragment that spreads itself is refused by validation
    const definition = fragments.get(name);
    shape = definition === undefined ? EMPTY : of(definition.selectionSet);
    known.set(name, shape);
    return shape;
  }
}

/**
 * Cost of an operation: 1 for each field that asks the database (a list, `totalCount`), 0.1 for each other object, and what is below a list as often as
 * the list may have items (`first`, `last`, `limit`, `ids`). Sizes of pages are checked on the way.
 *
 * @param options who is told of each list, or a list with the size to count it with
 */
function costOf(
  { schema, operation, fragments, variables }: Asked,
  options: { readonly found: (list: SizedList) => void } | Pick<SizedList, 'node' | 'size'>,
): number {
  const spreads = new Map<string, number>();
  const root = schema.getRootType(operation.operation);
  const values = { ...defaultsOf(operation), ...variables };
  return selectionCost(operation.selectionSet, root ?? null, '');

  function selectionCost(
    { selections }: SelectionSetNode,
    type: GraphQLNamedType | null,
    path: string,
  ): number {
    let cost = 0;
    for (const selection of selections) {
      if (selection.kind === Kind.FIELD) cost += fieldCost(selection, type, path);
      else if (selection.kind === Kind.INLINE_FRAGMENT) {
        const on = selection.typeCondition?.name.value;
        const target = on === undefined ? type : (schema.getType(on) ?? null);
        cost += selectionCost(selection.selectionSet, target, path);
      } else cost += fragmentCost(selection.name.value, path);
    }
    return cost;
  }

  function fragmentCost(name: string, path: string): number {
    const known = spreads.get(name);
    if (known !== undefined) return known;
    spreads.set(name, 0);
    const definition = fragments.get(name);
    if (definition === undefined) return 0;
    const on = schema.getType(definition.typeCondition.name.value) ?? null;
    const cost = selectionCost(definition.selectionSet, on, path);
    spreads.set(name, cost);
    return cost;
  }

  function fieldCost(node: FieldNode, parent: GraphQLNamedType | null, above: string): number {
    const field = fieldOf(parent, node.name.value);
    if (field === null) return 0;
    if (node.name.value === COUNTED) return LIST_COST;
    if (node.selectionSet === undefined) return 0;
    const type = getNamedType(field.type);
    if (isLeafType(type)) return 0;
    const path = `${above}${above === '' ? '' : '.'}${(node.alias ?? node.name).value}`;
    const sized = sizeOf(node, field);
    if ('found' in options && sized.argument !== null) {
      options.found({ ...sized, node, path, argument: sized.argument });
    }
    const size = 'size' in options && options.node === node ? options.size : sized.size;
    const below = selectionCost(node.selectionSet, type, path);
    const asks = type.name.endsWith('Connection') || parent === root;
    return (asks ? LIST_COST : OBJECT_COST) + size * below;
  }

  /** `argument`: which says so; null for what is no list. */
  function sizeOf(
    node: FieldNode,
    field: GraphQLField<unknown, unknown>,
  ): { readonly size: number; readonly argument: string | null } {
    const names = new Set(field.args.map(({ name }) => name));
    const argument = (name: string): unknown => {
      const given = node.arguments?.find((one) => one.name.value === name)?.value;
      if (given !== undefined) return valueFromASTUntyped(given, values);
      return field.args.find((one) => one.name === name)?.defaultValue;
    };
    if (names.has('first')) {
      const [first, last] = [argument('first'), argument('last')];
      const problem = pageSizeProblem(first, last);
      if (problem !== null) throw problem;
      if (typeof last === 'number') return { size: last, argument: 'last' };
      return { size: typeof first === 'number' ? first : DEFAULT_PAGE_SIZE, argument: 'first' };
    }
    if (names.has('limit')) {
      const limit = argument('limit');
      return { size: typeof limit === 'number' ? Math.max(limit, 1) : 1, argument: 'limit' };
    }
    if (names.has('ids')) {
      const ids = argument('ids');
      return { size: Array.isArray(ids) ? ids.length : 1, argument: null };
    }
    return { size: 1, argument: null };
  }
}

function fieldOf(
  type: GraphQLNamedType | null,
  name: string,
): GraphQLField<unknown, unknown> | null {
  if (!isObjectType(type) && !isInterfaceType(type)) return null;
  return type.getFields()[name] ?? null;
}
