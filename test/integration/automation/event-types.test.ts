import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startField, type Field } from '../../support/field.ts';

const NAME = 'com.eventtypes.review.given';
const SCHEMA = {
  type: 'object',
  required: ['verdict'],
  properties: { verdict: { enum: ['fine', 'bad', null] }, note: { type: 'string', default: null } },
};
const REGISTER = `mutation ($input: RegisterEventTypeInput!) {
  registerEventType(input: $input, wait: APPLIED) { status error { code message path } }
}`;
const ONE = `query ($name: String!, $version: Int) {
  eventType(name: $name, version: $version) { version description schema fingerprint deprecated deprecationReason }
}`;

let field: Field;
beforeAll(async () => {
  field = await startField();
});
afterAll(() => field.stop());

test('a type is registered once and never changes; its events are in the log, about what their subject names', async () => {
  const register = async (input: object) =>
    (await field.ask(REGISTER, { input: { name: NAME, ...input } })).registerEventType;
  const input = { schema: SCHEMA, description: 'a review was given' };
  expect(await register(input)).toMatchObject({ status: 'APPLIED', error: null });
  expect(await register(input)).toMatchObject({ status: 'DUPLICATE' });
  expect(await register({ schema: { type: 'string' } })).toMatchObject({
    error: { code: 'BAD_USER_INPUT', message: expect.stringContaining('give a new version') },
  });
  expect(await register({ ...input, description: 'another' })).toMatchObject({
    error: { code: 'IDEMPOTENCY_CONFLICT' },
  });
  expect(
    await register({ version: 2, schema: { type: 'object', pattern: '(a+)+' } }),
  ).toMatchObject({ error: { code: 'BAD_USER_INPUT' } });
  expect((await field.ask(ONE, { name: NAME })).eventType).toMatchObject({
    ...{ version: 1, description: 'a review was given', schema: SCHEMA, deprecated: false },
    fingerprint: expect.stringMatching(/^[0-9a-f]{64}$/),
  });

  const base = { specversion: '1.0', source: 'https://ci.eventtypes.example', type: NAME };
  const digest = `sha256:${'e7'.repeat(32)}`;
  const commit = 'e7'.repeat(20);
  const receipts = await field.post([
    { ...base, id: '1', subject: digest, data: { verdict: 'fine' } },
    { ...base, id: '2', subject: commit, data: { verdict: 'bad' } },
    { ...base, id: '3', subject: 'whatever', data: { verdict: null } },
    { ...base, id: '4', data: { verdict: 'neither' } },
  ]);
  expect(receipts.map(({ status }) => status)).toEqual([
    ...['APPLIED', 'APPLIED', 'APPLIED', 'REJECTED'],
  ]);
  const about = async (subject: string) => {
    const { events } = await field.ask(
      `query ($type: String!, $subject: String!) {
        events(type: $type, subject: $subject) { nodes { eventId data } }
      }`,
      { type: NAME, subject },
    );
    return events.nodes.map(({ eventId }: { eventId: string }) => eventId);
  };
  expect(await about(`Artifact:${digest}`)).toEqual(['1']);
  expect(await about(`Commit:${commit}`)).toEqual(['2']);
  expect(await about('whatever')).toEqual(['3']);
});

test('stemma type registers, lists, shows and deprecates', async () => {
  const name = 'com.eventtypes.scan.finished';
  const file = join(mkdtempSync(join(tmpdir(), 'stemma-types-')), 'schema.json');
  writeFileSync(file, JSON.stringify({ type: 'object' }));
  const register = await field.cli(['type', 'register', name, '--schema', file, '--wait']);
  expect(register).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/^APPLIED\t/) });
  writeFileSync(file, '{');
  expect(await field.cli(['type', 'register', name, '2', '--schema', file])).toMatchObject({
    ...{ exitCode: 2, stderr: expect.stringContaining('is not JSON') },
  });
  const reason = 'send version 2';
  const args = ['type', 'deprecate', name, '1', '--reason', reason, '--wait', '--json'];
  const { stdout } = await field.cli(args);
  expect(JSON.parse(stdout)).toMatchObject({ status: 'APPLIED' });
  const got = await field.cli(['type', 'get', name, '--json']);
  expect(JSON.parse(got.stdout)).toMatchObject({
    ...{ version: 1, deprecated: true, deprecationReason: reason, schema: { type: 'object' } },
  });
  expect((await field.cli(['type', 'list', '--name', name])).stdout).toMatch(
    new RegExp(`^${name}\t1\t[0-9a-f]{12}\t.*\tdeprecated$`, 'm'),
  );
  const without = await field.cli(['type', 'list', '--name', name, '--no-deprecated', '--json']);
  expect(JSON.parse(without.stdout)).toMatchObject({ eventTypes: [] });
  expect(await field.cli(['type', 'get', name, '9'])).toMatchObject({
    ...{ exitCode: 4, stderr: expect.stringContaining(`Nobody registered ${name} 9`) },
  });
});
