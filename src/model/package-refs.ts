import type { EdgeChange, NodeChange } from './change.ts';
import type { NodeRef } from './node.ts';
import { tryParsePurl, type ParsedPurl } from './purl.ts';

/** What a package version's purl says by itself: its name, and the package that it is a version of. */
export function packageRefs(ref: NodeRef): { node: NodeChange; edge: EdgeChange }[] {
  if (ref.label !== 'PackageVersion') return [];
  const purl = tryParsePurl(ref.key);
  return purl === null ? [] : [versionOf(ref, purl)];
}

function versionOf(ref: NodeRef, purl: ParsedPurl): { node: NodeChange; edge: EdgeChange } {
  return {
    node: {
      label: 'Package',
      key: purl.packageKey,
      resolved: true,
      facets: { name: { name: purl.name, purlType: purl.type, namespace: purl.namespace } },
    },
    edge: { type: 'VERSION_OF', from: ref, to: { label: 'Package', key: purl.packageKey } },
  };
}
