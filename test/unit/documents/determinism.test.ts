import { readdirSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { splitDocument } from '../../../src/documents/split.ts';
import { EDGE_KINDS } from '../../../src/model/edge.ts';
import { StemmaError } from '../../../src/errors.ts';
import type { Changes } from '../../../src/model/change.ts';
import { fixture, parse } from './reading.ts';

const names = ['intoto', 'cyclonedx'].flatMap((folder) =>
  readdirSync(new URL(`../../fixtures/documents/${folder}`, import.meta.url)).map(
    (name) => `${folder}/${name}`,
  ),
);
const parts = names.flatMap((name) => splitDocument(fixture(name)).map(({ text }) => text));

const RUNS = Number(process.env['STEMMA_TEST_RUNS'] ?? 500);
/** Another one each time; its name tells it when a run fails for whatever reason, a time-out too. */
const SEED = Number(process.env['STEMMA_TEST_SEED'] ?? Date.now() % 2 ** 31);

/** The outcome of parsing, refusals included; anything else that is thrown fails the test. */
function outcomeOf(text: string): string {
  try {
    const { format, changes } = parse(text);
    checkShape(changes);
    return JSON.stringify([format, changes]);
  } catch (error) {
    if (!(error instanceof StemmaError)) throw error;
    expect(error.code).toMatch(/^DOCUMENT_/);
    return error.message;
  }
}

function checkShape(changes: Changes): void {
  const ids = changes.nodes.map(({ label, key }) => `${label} ${key}`);
  expect(new Set(ids).size).toBe(ids.length);
  const known = new Set(ids);
  for (const { type, from, to } of changes.edges) {
    expect(EDGE_KINDS[type].ends.some(([a, b]) => a === from.label && b === to.label)).toBe(true);
    expect(known.has(`${from.label} ${from.key}`) && known.has(`${to.label} ${to.key}`)).toBe(true);
  }
}

describe('parsing', () => {
  test('gives the same for the same text', () => {
    for (const text of parts) expect(outcomeOf(text)).toBe(outcomeOf(text));
  });

  test(`never fails but with a refusal, whatever value is put anywhere (${RUNS} runs, seed ${SEED})`, () => {
    const documents = parts.flatMap((text) => {
      try {
        const value: unknown = JSON.parse(text);
        const { dsseEnvelope, payload = dsseEnvelope?.payload } = value as {
          dsseEnvelope?: { payload?: string };
          payload?: string;
        };
        const opened =
          payload === undefined
            ? []
            : [JSON.parse(Buffer.from(payload, 'base64').toString()) as unknown];
        return [value, ...opened];
      } catch {
        return [];
      }
    });
    const odd = fc.oneof(
      fc.jsonValue(),
      fc.string({ unit: 'binary' }),
      fc.constantFrom(
        '',
        '\u0000',
        '\ud800',
        'pkg:',
        'git+https://',
        ':.git',
        'a@b:@c',
        // what every object has
        ...['__proto__', 'constructor', 'toString', 'valueOf', 'hasOwnProperty'],
        'x'.repeat(5000),
        `git+https://github.com/a/b@${'9'.repeat(3000)}`,
      ),
    );
    fc.assert(
      fc.property(fc.constantFrom(...documents), fc.nat(), odd, (document, seed, value) => {
        const copy = structuredClone(document);
        replaceAt(copy, seed, value);
        const text = JSON.stringify(copy);
        expect(outcomeOf(text)).toBe(outcomeOf(text));
      }),
      { numRuns: RUNS, seed: SEED },
    );
  });
});

/** Replaces one value of a document: which, says the seed. */
function replaceAt(root: unknown, seed: number, value: unknown): void {
  const places: [holder: Record<string, unknown>, key: string][] = [];
  const visit = (holder: unknown): void => {
    if (typeof holder !== 'object' || holder === null) return;
    for (const key of Object.keys(holder)) {
      places.push([holder as Record<string, unknown>, key]);
      visit((holder as Record<string, unknown>)[key]);
    }
  };
  visit(root);
  const [holder, key] = places[seed % Math.max(places.length, 1)] ?? [];
  if (holder !== undefined && key !== undefined) holder[key] = value;
}
