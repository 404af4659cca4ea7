import { readFileSync } from 'node:fs';
import { parseDocument } from '../../../src/documents/document.ts';
import type { ParsedDocument } from '../../../src/documents/formats/format.ts';
import { StemmaError } from '../../../src/errors.ts';
import type { Changes } from '../../../src/model/change.ts';
import { sha256 } from '../../../src/model/event.ts';

const FIXTURES = new URL('../../fixtures/documents/', import.meta.url);

export function fixture(name: string): string {
  return readFileSync(new URL(name, FIXTURES), 'utf8');
}

export function parse(document: unknown, about: string | null = null): ParsedDocument {
  const text = typeof document === 'string' ? document : JSON.stringify(document);
  return parseDocument(text, sha256(text), about);
}

/** What the parser refuses with: `CODE: message`. */
export function refusalOf(document: unknown): string {
  try {
    parse(document);
  } catch (error) {
    if (error instanceof StemmaError) return `${error.code}: ${error.message}`;
    throw error;
  }
  return 'accepted';
}

/** Edges as `Label key -TYPE-> Label key`, of one type or all. */
export function edgesOf(changes: Changes, ...types: string[]): string[] {
  return changes.edges
    .filter(({ type }) => types.length === 0 || types.includes(type))
    .map(({ type, from, to }) => `${from.label} ${from.key} -${type}-> ${to.label} ${to.key}`);
}

export function keysOf(changes: Changes, label: string): string[] {
  return changes.nodes.filter((node) => node.label === label).map(({ key }) => key);
}

export function nodeOf(changes: Changes, label: string) {
  return changes.nodes.find((node) => node.label === label);
}

export const DIGEST = 'a'.repeat(64);
export const COMMIT = 'c'.repeat(40);

/** A statement about one file, with overrides. */
export function statement(overrides: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    _type: 'https://in-toto.io/Statement/v1',
    subject: [{ name: 'app.tgz', digest: { sha256: DIGEST } }],
    predicateType: 'https://slsa.dev/provenance/v1',
    predicate: {},
    ...overrides,
  };
}

export function provenanceV02(predicate: Record<string, unknown>): Record<string, unknown> {
  return statement({ predicateType: 'https://slsa.dev/provenance/v0.2', predicate });
}

export function provenanceV1(
  buildDefinition: Record<string, unknown>,
  runDetails: Record<string, unknown> = {},
): Record<string, unknown> {
  return statement({ predicate: { buildDefinition, runDetails } });
}

export function bom(overrides: Record<string, unknown>): Record<string, unknown> {
  return { bomFormat: 'CycloneDX', specVersion: '1.6', version: 1, ...overrides };
}

export function dsse(
  value: unknown,
  overrides: Record<string, unknown> = {},
): Record<string, unknown> {
  return {
    payloadType: 'application/vnd.in-toto+json',
    payload: Buffer.from(JSON.stringify(value)).toString('base64'),
    signatures: [{ keyid: '', sig: 'AA==' }],
    ...overrides,
  };
}
