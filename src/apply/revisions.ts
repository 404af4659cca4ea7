import type { LogEntry } from '../graph/write/rows.ts';
import type { StoredRevision, Writer } from '../graph/write/writer.ts';
import { NO_CHANGES, type EdgeChange } from '../model/change.ts';
import { sha256 } from '../model/event.ts';
import {
  REPLACED_TYPES,
  replaces,
  revisionEndings,
  revisionOf,
  type Ending,
  type Revision,
  type Saying,
} from '../model/revisions.ts';
import { entriesOfDocument } from './documents.ts';

/**
 * Ends what earlier versions of a document say, where a batch brought one of its versions (model/revisions.ts). Runs after the
 * batch has committed, like the documents in parts, so that of two writers at least one sees both versions.
 */
export async function applyRevisions(
  writer: Pick<Writer, 'documents' | 'revisions' | 'writeChanges'>,
  entries: readonly LogEntry[],
): Promise<void> {
  const brought = entries.flatMap(({ changes }) => revisionOf(changes) ?? []);
  if (brought.length === 0) return;
  const fresh = new Set(brought.map(({ digest }) => digest));
  const serials = [...new Set(brought.map(({ serial }) => serial))];
  const known = await writer.revisions(serials);
  for (const earlier of known) {
    const isFresh = fresh.has(earlier.digest);
    const later = known.filter(
      (one) => (isFresh || fresh.has(one.digest)) && replaces(one, earlier),
    );
    if (later.length === 0) continue;
    const sayings: Saying[] = [];
    for (const one of later) sayings.push(...(await sayingsOf(writer, one)));
    // a version that is submitted again may say more than what was ended
    const endings = revisionEndings(sayings, isFresh ? [] : earlier.endings);
    if (endings.length === 0) continue;
    const said = await storedEntries(writer, earlier.digest);
    await writer.writeChanges(replacedEntries(earlier.digest, said, endings));
  }
}

/** Gathers revisions from a whole log, without their contents. */
export function createRevisionLog() {
  const known = new Map<string, { revision: Revision; readonly sayings: Saying[] }>();
  return {
    add({ changes, identity, n, at }: LogEntry): void {
      const revision = revisionOf(changes);
      if (revision === null) return;
      const saying = { validFrom: changes.validFrom ?? at, knownFrom: n, identity };
      const earlier = known.get(revision.digest);
      if (earlier === undefined) known.set(revision.digest, { revision, sayings: [saying] });
      else {
        earlier.sayings.push(saying);
        const names = new Set([...earlier.revision.names, ...revision.names]);
        earlier.revision = { ...revision, names: [...names] };
      }
    },
    /** The documents that others replace, by digest, and what ends them. */
    replaced(): Map<string, Ending[]> {
      const ended = new Map<string, Ending[]>();
      const bySerial = Map.groupBy(known.values(), ({ revision }) => revision.serial);
      for (const together of bySerial.values()) {
        for (const { revision } of together.length > 1 ? together : []) {
          const later = together.filter((one) => replaces(one.revision, revision));
          const endings = revisionEndings(later.flatMap(({ sayings }) => sayings));
          if (endings.length > 0) ended.set(revision.digest, endings);
        }
      }
      return ended;
    },
  };
}

/** The ends of everything that a replaced document says, as entries of a log. Pure. */
export function replacedEntries(
  digest: string,
  said: readonly LogEntry[],
  endings: readonly Ending[],
): LogEntry[] {
  const edges = new Map<string, EdgeChange>();
  for (const { changes } of said) {
    for (const edge of changes.claim === digest ? changes.edges : []) {
      const { type, from, to } = edge;
      if (!REPLACED_TYPES.has(type)) continue;
      edges.set([type, from.label, from.key, to.label, to.key].join('\n'), { type, from, to });
    }
  }
  const edgeEndings = [...edges.values()].map((edge) => ({ ...edge, claim: digest }));
  return endings.map(({ by, validFrom, knownFrom }) => ({
    ...{ identity: by, n: knownFrom, at: validFrom, acceptedAt: validFrom },
    ...{ source: '', tie: sha256(by).slice(0, 16) },
    changes: { ...NO_CHANGES, edgeEndings, nodeEndings: [{ label: 'Document', key: digest }] },
  }));
}

/** One event that holds its document tells its times by itself; else the document is read. */
async function sayingsOf(
  writer: Pick<Writer, 'documents'>,
  { digest, issuedAt, submissions, inParts }: StoredRevision,
): Promise<Saying[]> {
  const [only] = submissions;
  if (submissions.length === 1 && only !== undefined && !inParts) {
    return [{ validFrom: issuedAt ?? only.at, knownFrom: only.n, identity: only.key }];
  }
  return (await storedEntries(writer, digest)).map(({ changes, at, n, identity }) => ({
    ...{ validFrom: changes.validFrom ?? at, knownFrom: n, identity },
  }));
}

async function storedEntries(
  writer: Pick<Writer, 'documents'>,
  digest: string,
): Promise<LogEntry[]> {
  return (await writer.documents([digest])).flatMap(entriesOfDocument);
}
