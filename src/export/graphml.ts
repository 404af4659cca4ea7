import type { ExportGraph } from './graph.ts';
import { facts } from './json.ts';
import { toSafeJson, visible } from './text.ts';

const KEYS = [
  ['label', 'node'],
  ['key', 'node'],
  ['name', 'node'],
  ['depth', 'node'],
  ['change', 'node'],
  ['properties', 'node'],
  ['type', 'edge'],
  ['trust', 'edge'],
  ['validFrom', 'edge'],
] as const;

/** @see http://graphml.graphdrawing.org/specification.html */
export function toGraphml({ nodes, edges }: ExportGraph): string {
  const keys = KEYS.map(
    ([name, of]) =>
      `  <key id="${of}-${name}" for="${of}" attr.name="${name}" attr.type="${name === 'depth' ? 'int' : 'string'}"/>`,
  );
  const things = nodes.map(({ id, label, key, name, depth, change, properties }) =>
    [
      `    <node id="${escaped(id)}">`,
      ...data('node', {
        label,
        key,
        name,
        depth,
        change,
        properties: toSafeJson(facts(properties)),
      }),
      '    </node>',
    ].join('\n'),
  );
  const arrows = edges.map(({ from, to, type, trust, validFrom }, at) =>
    [
      `    <edge id="e${at}" source="${escaped(from)}" target="${escaped(to)}">`,
      ...data('edge', {
        ...{ type, trust },
        validFrom: validFrom === null ? null : new Date(validFrom).toISOString(),
      }),
      '    </edge>',
    ].join('\n'),
  );
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<graphml xmlns="http://graphml.graphdrawing.org/xmlns">',
    ...keys,
    '  <graph id="stemma" edgedefault="directed">',
    ...things,
    ...arrows,
    '  </graph>',
    '</graphml>',
    '',
  ].join('\n');
}

function data(
  of: 'node' | 'edge',
  values: Readonly<Record<string, string | number | null>>,
): string[] {
  return Object.entries(values).flatMap(([name, value]) =>
    value === null ? [] : [`      <data key="${of}-${name}">${escaped(String(value))}</data>`],
  );
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
};

/** XML text: what XML 1.0 forbids is written out, like everything else that would act on a reader. */
function escaped(text: string): string {
  return visible(text).replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character);
}
