import type { LinkedComponent } from '../documents/linked.ts';
import { linkedIn } from '../documents/linked.ts';
import { storedText } from '../documents/stored-text.ts';
import type { Graph } from '../graph/driver.ts';
import type { Statements } from '../graph/statement.ts';
import { createStoredDocuments } from '../graph/read/stored-documents.ts';
import { parseBomLink, type BomLink } from '../model/concern.ts';

/** Where a link into another document leads, or why that is not known, as a sentence. */
export type ResolvedLink =
  ({ readonly found: true } & LinkedComponent) | { readonly found: false; readonly why: string };

export interface BomLinks {
  /** By link, of those that are BOM-Links. */
  resolve(links: readonly string[]): Promise<Map<string, ResolvedLink>>;
}

type Row = { readonly serial: string; readonly version: number; readonly sha256: string };

/**
 * Links into CycloneDX documents, resolved when a question is asked, so that it does not matter which document came first. The
 * bytes of a document are in the log; what its bom-refs name is read from them again.
 */
export function createBomLinks(graph: Pick<Graph, 'read'>, statements: Statements): BomLinks {
  const stored = createStoredDocuments(graph, statements);
  const textOf = async (sha256: string): Promise<string | null> => {
    const [document] = await stored.load(await stored.pieces([sha256]));
    return document === undefined ? null : storedText(document);
  };

  const follow = async (link: BomLink, documents: readonly Row[]): Promise<ResolvedLink> => {
    const { serialNumber, version, bomRef } = link;
    const own = documents.filter((one) => one.serial === serialNumber && one.version === version);
    if (own.length === 0) {
      return lost(
        `no document with the serial number ${serialNumber} and version ${version} is known`,
      );
    }
    const found: LinkedComponent[] = [];
    for (const { sha256 } of own) {
      const text = await textOf(sha256);
      const component = text === null ? null : linkedIn(text, sha256, bomRef);
      if (component !== null) found.push(component);
    }
    const [first] = found;
    if (first === undefined)
      return lost(`its document has no component with the bom-ref '${bomRef}'`);
    const keys = new Set(found.map(({ component }) => `${component.label}:${component.key}`));
    return keys.size === 1
      ? { found: true, ...first }
      : lost(
          `${own.length} different documents have the serial number ${serialNumber} and version ${version}`,
        );
  };

  return {
    async resolve(texts) {
      const links = new Map(
        texts.flatMap((text) => {
          const link = parseBomLink(text);
          return link === null ? [] : [[text, link] as const];
        }),
      );
      if (links.size === 0) return new Map();
      const serials = [...new Set([...links.values()].map(({ serialNumber }) => serialNumber))];
      const rows = await graph.read(statements.get('question/bom-documents'), { serials });
      const documents = rows.map((row) => row.toObject() as Row); // as the header of the statement says
      const resolved = new Map<string, ResolvedLink>();
      for (const [text, link] of links) resolved.set(text, await follow(link, documents));
      return resolved;
    },
  };
}

function lost(why: string): ResolvedLink {
  return { found: false, why };
}
