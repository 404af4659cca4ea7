import canonicalize from 'canonicalize';
import { documentEntries } from '../../src/apply/documents.ts';
import { createRevisionLog, replacedEntries } from '../../src/apply/revisions.ts';
import {
  createDigester,
  edgeLine,
  eventLine,
  nodeLine,
  type DigestKind,
  type Digests,
} from '../../src/graph/digest.ts';
import type { LogEntry } from '../../src/graph/write/rows.ts';
import type { LoggedEvent } from '../../src/graph/write/writer.ts';
import type { StoredDocument } from '../../src/model/document-pieces.ts';
import { createFold, type Folded } from '../../src/replay/fold.ts';
import { storedProperties } from '../../src/replay/stored-events.ts';

/** What these events say together, documents in parts among them. Without a database. */
export function foldEvents(events: readonly LoggedEvent[]): Folded {
  const fold = createFold();
  const documents = new Map<string, StoredDocument['events'][number][]>();
  const inParts = new Set<string>();
  const revisions = createRevisionLog();
  const said: LogEntry[] = [];
  const add = (entry: LogEntry): void => {
    fold.add(entry);
    revisions.add(entry);
    if (entry.changes.claim !== null) said.push(entry);
  };
  for (const event of [...events].sort((x, y) => x.n - y.n)) {
    add(event);
    const { subject } = event.changes;
    if (subject?.label !== 'Document') continue;
    if (event.inParts) inParts.add(subject.key);
    const known = documents.get(subject.key) ?? [];
    documents.set(subject.key, [...known, toStored(event)]);
  }
  for (const digest of inParts) {
    for (const entry of documentEntries({ digest, events: documents.get(digest) ?? [] })) {
      add(entry);
    }
  }
  for (const [digest, endings] of revisions.replaced()) {
    const own = said.filter(({ changes }) => changes.claim === digest);
    for (const entry of replacedEntries(digest, own, endings)) fold.add(entry);
  }
  return fold.finish();
}

/** The state digest of a graph that holds exactly this. */
export function digestOf(
  { nodes, edges }: Folded,
  events: readonly LoggedEvent[],
  kind: DigestKind,
): Digests {
  const digester = createDigester();
  const add = (part: string, line: unknown): void => {
    if (line !== null) digester.add(part, canonicalize(line) ?? '');
  };
  for (const { label, properties } of nodes.values()) add(label, nodeLine(label, properties, kind));
  for (const { from, type, to, properties } of edges.values()) {
    add(type, edgeLine(from, type, to, properties, kind));
  }
  for (const { identity, properties } of events) {
    add('Event', eventLine({ key: identity, ...storedProperties(properties) }, kind));
  }
  return digester.finish();
}

function toStored(event: LoggedEvent): StoredDocument['events'][number] {
  const { n, at, acceptedAt, source, identity: key, properties } = event;
  const text = (name: string): string => properties[name] as string; // of decode.ts
  const partDigest = properties['partDigest'] as string | null; // likewise
  return { type: text('type'), n, at, acceptedAt, source, key, partDigest, body: text('body') };
}
