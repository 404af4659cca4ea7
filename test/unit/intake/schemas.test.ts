import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, test } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { createSchemas } from '../../../src/intake/schemas.ts';
import { parseEvent, type Envelope } from '../../../src/model/event.ts';
import { artifactEvent } from '../../support/edge.ts';

const SCRIPT = join(import.meta.dirname, '../../../scripts/generate-schemas.ts');
const corpus = (name: string): { event: Envelope; expected: unknown } =>
  JSON.parse(readFileSync(join(import.meta.dirname, '../../fixtures/corpus', name), 'utf8'));

const schemas = createSchemas();

describe('the published schemas', () => {
  test('schemas.json is up to date, and no published version has changed', () => {
    const { status, stderr } = spawnSync(process.execPath, [SCRIPT, '--check'], {
      encoding: 'utf8',
    });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  });

  test('exist for every type and version, with their own id, and compile', () => {
    const ajv = new Ajv2020({ strict: false });
    addFormats.default(ajv);
    const { types } = schemas.index();
    expect(types.length).toBeGreaterThan(50);
    for (const { type, version, id } of types) {
      const schema = schemas.get(type, version);
      expect(schema?.['$id']).toBe(`urn:stemma:schema:${type}:${version}`);
      expect(schema?.['$id']).toBe(id);
      expect(typeof ajv.compile(schema ?? {})).toBe('function');
    }
    expect(ajv.compile(schemas.envelope())(artifactEvent())).toBe(true);
    expect(
      ajv.validate(
        schemas.get('build.completed', 1) ?? {},
        corpus('build.completed-1.json').event.data,
      ),
    ).toBe(true);
  });

  test('do not exist for other types and versions', () => {
    expect(schemas.get('build.completed', 4)).toBeNull();
    expect(schemas.get('constructor', 1)).toBeNull();
  });
});

describe('generate-schemas', () => {
  const root = mkdtempSync(join(tmpdir(), 'stemma-schemas-'));
  const file = join(root, 'schemas.json');
  beforeEach(() => {
    copyFileSync(join(import.meta.dirname, '../../../schemas.json'), file);
  });
  afterAll(() => {
    rmSync(root, { recursive: true });
  });
  const run = (...args: string[]) =>
    spawnSync(process.execPath, [SCRIPT, '--file', file, ...args], { encoding: 'utf8' });
  const change = (path: string, schema: unknown) => {
    const published = JSON.parse(readFileSync(file, 'utf8'));
    writeFileSync(file, JSON.stringify({ ...published, [path]: schema }));
  };
  const schemaAt = (path: string) => JSON.parse(readFileSync(file, 'utf8'))[path];

  test('refuses to change a version that exists, unless it is unreleased', () => {
    change('build.completed/2.json', {});
    expect(run('--check').status).toBe(1);
    const refused = run();
    expect(refused.status).toBe(1);
    expect(refused.stderr).toContain(
      'build.completed/2.json differs: a changed schema needs a new version',
    );
    expect(schemaAt('build.completed/2.json')).toEqual({});
    expect(run('--unreleased').status).toBe(0);
    expect(run('--check').status).toBe(0);
  });

  test('refuses to lose a version that was published', () => {
    change('build.completed/7.json', {});
    expect(run('--unreleased')).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('build.completed/7.json has no schema in the catalogue'),
    });
  });

  test('adds a version that is missing, and then has nothing to do', () => {
    change('build.completed/2.json', undefined);
    expect(run('--check').stderr).toContain('is not up to date: run npm run generate');
    expect(run().status).toBe(0);
    expect(schemaAt('build.completed/2.json')).toMatchObject({ title: expect.any(String) });
    expect(run('--check')).toMatchObject({ status: 0, stderr: '' });
  });
});

describe('upcasting', () => {
  test.each(['build.completed-1.json', 'artifact.created-1.json'])(
    'lifts %s to the newest version',
    (name) => {
      const { event, expected } = corpus(name);
      const { envelope, body } = parseEvent(event);
      expect(body).toEqual({ type: event.type, data: expected });
      expect(envelope).toEqual(event);
      // what it was lifted to is valid in the newest version
      const newest = { ...event, dataschema: undefined, data: expected };
      expect(parseEvent(newest).body).toEqual(body);
    },
  );

  test('an older version is held to its own schema', () => {
    const { event } = corpus('build.completed-1.json');
    expect(() => parseEvent({ ...event, data: { build: 'x', outcome: 'success' } })).toThrow(
      expect.objectContaining({ code: 'EVENT_MALFORMED' }),
    );
  });
});
