import type { JsonObject } from '../json.ts';
import type { Component } from './component-facts.ts';

/** A bill of materials, whatever it is written in. */
export type Bom = {
  /** As precise as it is known: `cyclonedx-1.6`. */
  readonly format: string;
  /** Null where it is not in the form that has one. */
  readonly mediaType: string | null;
  readonly serialNumber: string | null;
  /** The document as CycloneDX: its dependencies, compositions and vulnerabilities are read when they are recorded. */
  readonly value: JsonObject;
  readonly issuedAt: number | null;
  readonly root: Component | null;
  /** Nested components too, each after the one that it is nested in. */
  readonly components: readonly Component[];
  /** False where something that lists contents could not be read, so that more may be contained than is known. */
  readonly isWhole: boolean;
};
