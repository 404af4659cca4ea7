import { compileGate } from '../automation/gate.ts';
import { compileWatch, watchWarnings } from '../automation/watch.ts';
import { checkDocument, toldOf } from '../documents/validate.ts';
import type { Inspect } from '../intake/admission.ts';
import { checkEvent } from '../handlers/index.ts';
import type { Changes, NodeChange } from '../model/change.ts';
import { effectProblems } from '../model/effect.ts';
import type { StemmaEvent } from '../model/event.ts';
import type { NodeLabel } from '../model/node.ts';

/** What the edge looks for in an event beside its schema. */
export function createInspection(now: () => number): Inspect {
  return (event) => {
    if (event.body.type === 'gate.defined') compileGate(event.body.data);
    const warnings = warningsOf(event, checkEvent(event, now()));
    if (event.body.type !== 'watch.defined') return warnings;
    compileWatch(event.body.data);
    return [...warnings, ...watchWarnings(event.body.data)];
  };
}

/**
 * What the schema of its format finds wrong with a document, in the words of `stemma ingest`; a document that cannot be read was
 * refused already.
 */
export async function documentComplaints({ body }: StemmaEvent): Promise<readonly string[]> {
  if (body.type !== 'document.submitted' || body.data.content === undefined) return [];
  const { content, digest } = body.data;
  return toldOf(await checkDocument(content, digest.replace(/^sha256:/, '')));
}

/** What of an event has no effect: as it stands, or as the reader of its document found. */
function warningsOf({ body }: StemmaEvent, { nodes }: Changes): readonly string[] {
  const read = nodes.flatMap((node) =>
    isOf(node, 'Document') || isOf(node, 'Attestation')
      ? ((node.facets.warnings?.['warnings'] ?? []) as readonly string[]) // as documents/warnings.ts writes them
      : [],
  );
  return [...effectProblems(body), ...new Set(read)];
}

function isOf<L extends NodeLabel>(node: NodeChange, label: L): node is NodeChange<L> {
  return node.label === label;
}
