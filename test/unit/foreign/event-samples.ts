/* eslint-disable @typescript-eslint/no-explicit-any -- tests edit the samples */
import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from '@jest/globals';
import { StemmaError } from '../../../src/errors.ts';
import { parseEvent, type Envelope, type StemmaEvent } from '../../../src/model/event.ts';
import { FOREIGN_TYPE_PREFIXES } from '../../../src/foreign/foreign.ts';

const ROOT = join(import.meta.dirname, '../../..');
const DATA = join(ROOT, '../shared/data');

/** A file below test/fixtures, as JSON. A new object at each call. */
export function fixture(path: string): any {
  return JSON.parse(readFileSync(join(ROOT, 'test/fixtures', path), 'utf8'));
}

/** The lines of a JSON Lines file below test/fixtures. */
export function fixtureLines(path: string): unknown[] {
  return linesOf(join(ROOT, 'test/fixtures', path));
}

export function linesOf(file: string): unknown[] {
  const lines = readFileSync(file, 'utf8').split('\n');
  return lines.filter((line) => line !== '').map((line): unknown => JSON.parse(line));
}

/** Validates an envelope as the edge does: foreign types are known and only logged. */
export function accept(envelope: Envelope): StemmaEvent {
  return parseEvent(envelope, ({ type }) => {
    if (!FOREIGN_TYPE_PREFIXES.some((prefix) => type.startsWith(prefix)))
      throw new StemmaError('EVENT_TYPE_UNKNOWN', `'${type}' is unknown.`);
  });
}

/** What `action` threw, as a StemmaError. */
export function refusal(action: () => unknown): StemmaError {
  try {
    action();
  } catch (error) {
    if (error instanceof StemmaError) return error;
    throw error;
  }
  throw new Error('it was accepted');
}

/** A test over a folder of the data set beside the project, which not every machine has. */
export function testWithData(name: string, folder: string, body: (files: string[]) => void): void {
  const path = join(DATA, folder);
  if (!existsSync(path)) {
    test.skip(`${name} (skipped: there is no ../shared/data/${folder})`, () => undefined);
    return;
  }
  test(name, () => {
    body(globSync(`${path}/**/*.{json,jsonl}`).sort());
  });
}

export function readJson(file: string): unknown {
  return JSON.parse(readFileSync(file, 'utf8'));
}
