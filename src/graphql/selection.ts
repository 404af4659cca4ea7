import { Kind, type GraphQLResolveInfo, type SelectionNode } from 'graphql';

type Info = Pick<GraphQLResolveInfo, 'fieldNodes' | 'fragments'>;

/** Names of the fields selected below the current field along `path`; more than will be asked at most, never less. */
export function fieldsBelow(info: Info, ...path: readonly string[]): Set<string> {
  let level: readonly SelectionNode[] = info.fieldNodes;
  for (const name of [null, ...path]) {
    level = fieldsOf(info, level).flatMap((field) =>
      name === null || field.name.value === name ? (field.selectionSet?.selections ?? []) : [],
    );
  }
  return new Set(fieldsOf(info, level).map((field) => field.name.value));
}

function fieldsOf(info: Info, selections: readonly SelectionNode[], seen = new Set<string>()) {
  return selections.flatMap((selection): Extract<SelectionNode, { kind: Kind.FIELD }>[] => {
    if (selection.kind === Kind.FIELD) return [selection];
    if (selection.kind === Kind.INLINE_FRAGMENT) {
      return fieldsOf(info, selection.selectionSet.selections, seen);
    }
    const name = selection.name.value;
    if (seen.has(name)) return [];
    seen.add(name);
    return fieldsOf(info, info.fragments[name]?.selectionSet.selections ?? [], seen);
  });
}
