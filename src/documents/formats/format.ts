import type { Changes } from '../../model/change.ts';
import type { NodeRef } from '../../model/node.ts';
import type { JsonObject } from '../json.ts';
import type { Warning, Warnings } from '../warnings.ts';

/** A document as the graph sees it. */
export type ParsedDocument = {
  /** As precise as it is known: `dsse+in-toto-v0.1+slsa-provenance-v0.2`, `cyclonedx-1.6`. */
  readonly format: string;
  readonly changes: Changes;
  /** What of it was left out, or read in spite of how it is written. */
  readonly warnings: readonly Warning[];
};

export type ParseOptions = {
  /** Of the document's bytes, hex; the claim of everything that it says. */
  readonly sha256: string;
  /** Bytes of the document; null where it is inside of another one. */
  readonly size: number | null;
  /** What it is about, where it does not say so itself: a digest or a purl. */
  readonly about: string | null;
  /** False where the value was read of YAML, XML or tags and values. */
  readonly isJson: boolean;
  /** What could not be read of it; a reader adds its own. */
  readonly warnings: Warnings;
};

/** The CycloneDX document that a document is or holds, and the artifact that it was attested for. */
export type HeldBom = { readonly bom: JsonObject; readonly subject: NodeRef | null };

/** One format of documents: all that the rest knows of it. */
export type Format = {
  /** How people call it, in messages. */
  readonly title: string;
  readonly is: (value: JsonObject) => boolean;
  /**
   * Pure: the same value always gives the same changes.
   *
   * @throws StemmaError DOCUMENT_MALFORMED where it is broken, DOCUMENT_UNSUPPORTED where it is something else after all
   */
  readonly parse: (value: JsonObject, options: ParseOptions) => ParsedDocument;
  /**
   * The first thing that its schema finds wrong, where there is one; it is stricter than the reader, and refuses nothing. The first
   * document of a version costs half a second, to compile its schema.
   */
  readonly complaint?: (value: JsonObject) => Promise<Warning | null>;
  /** @throws StemmaError DOCUMENT_MALFORMED, DOCUMENT_UNSUPPORTED */
  readonly bom?: (value: JsonObject) => HeldBom | null;
  /** What is in order and says nothing that the graph keeps, beside what a bill of materials in it has of that. */
  readonly notRead?: (value: JsonObject) => readonly string[];
};
