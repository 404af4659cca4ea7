import { StemmaError } from '../../errors.ts';
import type { NodeLabel, NodeRef } from '../../model/node.ts';

/** @throws StemmaError BAD_USER_INPUT where a question makes no sense for a thing of this kind */
export function checkLabel(
  { label }: Pick<NodeRef, 'label'>,
  labels: ReadonlySet<NodeLabel>,
  path: string,
): void {
  if (labels.has(label)) return;
  throw new StemmaError(
    'BAD_USER_INPUT',
    `This cannot be asked of a thing of the kind ${label}: give one of ${[...labels].join(', ')}.`,
    { details: { path } },
  );
}
