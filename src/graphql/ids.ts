import { StemmaError } from '../errors.ts';
import { NOW, type Moment } from '../model/moment.ts';
import { isNodeLabel, type NodeLabel, type NodeRef } from '../model/node.ts';

/** What a global id names: a node of the graph, or an entry of the log by its identity. */
export type GlobalRef = NodeRef | { readonly label: 'Event'; readonly key: string };

export function toId({ label, key }: GlobalRef): string {
  return Buffer.from(`${label}:${key}`).toString('base64url');
}

/** The id of a thing as it was at a moment: not that of the thing of now, which caches would take for the same object. */
export function toIdAt({ label, key }: NodeRef, { valid, known }: Moment): string {
  const at = [valid === NOW.valid ? '' : valid, known === NOW.known ? '' : known].join(',');
  return at === ','
    ? toId({ label, key })
    : Buffer.from(`@${at} ${label}:${key}`).toString('base64url');
}

/** What toIdAt has written; null for every other text. */
export function tryParseIdAt(id: string): { readonly ref: NodeRef; readonly at: Moment } | null {
  const text = Buffer.from(id, 'base64url').toString();
  const [, valid, known, rest] = /^@(-?\d{1,16})?,(\d{1,16})? (.+)$/s.exec(text) ?? [];
  const ref = rest === undefined ? null : parseRefText(rest);
  if (ref === null) return null;
  const at = {
    valid: valid === undefined ? NOW.valid : Number(valid),
    known: known === undefined ? NOW.known : Number(known),
  };
  // only the one spelling that we give out is taken
  return toIdAt(ref, at) === id ? { ref, at } : null;
}

/** toId, computed once for each record: in a lineage each node's id stands on all of its edges. */
export function idOf(record: {
  readonly label: NodeLabel;
  readonly key: string;
  id?: unknown;
}): string {
  if (typeof record.id === 'string') return record.id;
  const id = toId(record);
  record.id = id;
  return id;
}

/** @throws StemmaError BAD_USER_INPUT where the text is not a global id */
export function parseId(id: string): GlobalRef {
  const ref = tryParseId(id);
  if (ref !== null) return ref;
  throw new StemmaError(
    'BAD_USER_INPUT',
    `'${id.slice(0, 80)}' is not a global id: take one from a field 'id', or ask resolve(ref:).`,
    { details: { reason: 'ID' } },
  );
}

/** @throws StemmaError BAD_USER_INPUT where the text is not a global id, or that of an event */
export function parseEntityId(id: string): NodeRef {
  const past = tryParseIdAt(id);
  if (past !== null) {
    throw new StemmaError(
      'BAD_USER_INPUT',
      `This is the global id of a thing as it was at another moment: give the one of now, '${toId(past.ref).slice(0, 200)}', and the moment as 'asOf' where the question has it.`,
      { details: { reason: 'ID' } },
    );
  }
  const ref = parseId(id);
  if (ref.label !== 'Event') return ref;
  throw new StemmaError(
    'BAD_USER_INPUT',
    'This is the global id of an event: give that of a thing, such as its subjectEntity.',
    { details: { reason: 'ID' } },
  );
}

export function tryParseId(id: string): GlobalRef | null {
  const text = Buffer.from(id, 'base64url').toString();
  // base64 is lenient: only the one spelling that we give out is taken
  if (Buffer.from(text).toString('base64url') !== id) return null;
  return (
    parseRefText(text) ??
    (text.startsWith('Event:') ? { label: 'Event', key: text.slice(6) } : null)
  );
}

/** Whether a global id is that of a dead letter, an entry of a stream: as base64 it could not be the beginning of a label. */
export function isDeadLetterId(id: string): boolean {
  return /^\d{1,20}-\d{1,20}$/.test(id);
}

/** `Label:key`, or null. */
export function parseRefText(text: string): NodeRef | null {
  const colon = text.indexOf(':');
  const label = text.slice(0, Math.max(colon, 0));
  const key = text.slice(colon + 1);
  return isNodeLabel(label) && key !== '' ? { label, key } : null;
}
