import { readFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { startAutomationWorld, type AutomationWorld } from '../../support/automation.ts';
import { killGraphProcesses } from '../../support/graph-process.ts';
import { until } from '../../support/until.ts';

const hex = (digit: number) => `sha256:${digit.toString(16).padStart(64, '7')}`;
const DOCS = new URL('../../../docs/automation.md', import.meta.url);
const DEMO = new URL('../../../demo/gates.yaml', import.meta.url);
/** That of the documentation, and one that shares an event type with it. */
const GATES = `${readFileSync(DEMO, 'utf8')}---
kind: Gate
name: scanned
key: artifacts
inputs:
  - name: scan
    types: [com.example.scan.finished]
    accept: event.data.verdict == "fine"
`;

test('the documentation shows the gate that is there', () => {
  const [, shown] = /```yaml\n([^]*?)```/.exec(readFileSync(DOCS, 'utf8'))!;
  expect(shown).toBe(readFileSync(DEMO, 'utf8'));
});

describe('gates of a service that is killed and started again', () => {
  let world: AutomationWorld;
  beforeAll(async () => {
    world = await startAutomationWorld();
  });
  afterEach(killGraphProcesses);
  afterAll(async () => world.stop());

  const source = 'https://ci.gates.example';
  const base = { specversion: '1.0', source };
  const built = (digest: string) => ({
    ...{ ...base, id: `built ${digest}`, type: 'build.completed', correlationid: 'release 7' },
    data: { build: `${source}/${digest}`, outcome: 'success', artifacts: [{ digest }] },
  });
  const scanned = (digest: string, verdict: string, id = '') => ({
    ...{
      ...base,
      id: `scanned ${digest}${id}`,
      type: 'com.example.scan.finished',
      subject: digest,
    },
    data: { verdict },
  });
  const signed = (digest: string) => ({
    ...{ ...base, id: `signed ${digest}`, type: 'artifact.signed' },
    data: { digest },
  });
  const heard = async () => {
    const { events } = await world.ask(
      `{ events(first: 500) { nodes { type source subject data } } }`,
    );
    return (events.nodes as Heard[])
      .filter((one) => one.source === 'urn:stemma:gates')
      .map(({ type, subject, data }) => `${data.gate} ${type.slice(5)} ${subject}`);
  };
  type Heard = { type: string; source: string; subject: string; data: { gate: string } };

  test('files declare them; what happens makes them speak, once, about the artifact, caused by its trigger', async () => {
    await world.serve();
    const file = world.file(GATES);
    expect((await world.cli('apply', '-f', file, '--dry-run')).stdout).toBe(
      'EventType\tcom.example.scan.finished@1\twould be created\nGate\trelease@1\twould be created\nGate\tscanned@1\twould be created\n',
    );
    const applied = await world.cli('apply', '-f', file, '--wait');
    expect(applied).toMatchObject({ exitCode: 0, stderr: '' });
    expect((await world.cli('apply', '-f', file)).stdout).toMatch(/(?:unchanged\n[^]*){3}/);

    const digest = hex(1);
    await world.post([built(digest), scanned(digest, 'fine'), signed(digest)]);
    await until(async () => (await heard()).length === 2, 30_000);
    expect((await heard()).toSorted()).toEqual([
      ...[`release passed ${digest}`, `scanned passed ${digest}`],
    ]);
    const { events } = await world.ask(
      `query ($subject: String!) { events(subject: $subject, type: "gate.passed") { nodes { causationId data } } }`,
      { subject: `Artifact:${digest}` },
    );
    expect(events.nodes[0]).toMatchObject({
      causationId: `${source} signed ${digest}`,
      data: { gate: 'release', version: 1, key: digest },
    });
    const status = async () => (await world.cli('gate', 'status', digest)).stdout;
    await until(async () => (await status()).startsWith('release@1'), 30_000);
    expect(await status()).toMatch(/^release@1\tPASSED\t/m);
    expect(await status()).toMatch(/^ {2}artifact\.signed\tGOOD\t/m);
    expect((await world.cli('gate', 'list')).stdout).toMatch(/^release\t1\tenabled\t/m);
    expect(await world.cli('gate', 'status', '--gate', 'relaese')).toMatchObject({
      exitCode: 4,
      stderr: expect.stringContaining('The nearest: release'),
    });
  }, 180_000);

  test('killed after it spoke and before it took note of that, it says the same again, and nobody hears it twice', async () => {
    const digests = Array.from({ length: 6 }, (_, at) => hex(0x100 + at));
    await world.serve('graph,api');
    const before = (await heard()).length;
    for (const digest of digests.slice(0, 3)) {
      const watcher = world.start('watch', 'automation_published:kill');
      await world.post([built(digest), signed(digest), scanned(digest, 'bad')]);
      expect(await watcher.ended).toMatchObject({ signal: 'SIGKILL' });
    }
    // the second one waits for its turn
    await Promise.all(['watch', 'watch'].map(async (roles) => world.start(roles).whenReady()));
    await world.post(digests.flatMap((digest) => [built(digest), signed(digest)]));
    await world.post(digests.map((digest) => scanned(digest, 'fine', ' again')));
    const failures = digests.slice(0, 3).length;
    const wanted = before + 2 * failures + 2 * digests.length;
    await until(async () => (await heard()).length >= wanted, 60_000);
    const all = await heard();
    expect(all).toHaveLength(wanted);
    for (const digest of digests.slice(0, 3)) {
      expect(all.filter((one) => one === `release failed ${digest}`)).toHaveLength(1);
    }
    for (const digest of digests) {
      expect(all.filter((one) => one === `release passed ${digest}`)).toHaveLength(1);
    }
    const failed = await world.ask(
      `{ gateStatus(gate: "release", outcome: FAILED) { nodes { ref } } }`,
    );
    expect(failed.gateStatus.nodes).toEqual([]);
  }, 240_000);

  test('what is said of gates and has no effect is told, and what cannot be a gate is refused', async () => {
    await world.serve();
    const define = async (input: object) =>
      (
        await world.ask(
          `mutation ($input: DefineGateInput!) {
            defineGate(input: $input, wait: APPLIED) { status warnings error { code message path } }
          }`,
          { input: { key: 'artifacts', inputs: [{ types: ['artifact.signed'] }], ...input } },
        )
      ).defineGate;
    expect(await define({ name: 'odd', key: 'artifact' })).toMatchObject({
      status: 'REJECTED',
      error: { code: 'BAD_USER_INPUT', message: expect.stringContaining('Unknown variable') },
    });
    expect(await define({ name: 'odd', inputs: [{ types: ['gate.passed'] }] })).toMatchObject({
      error: { message: expect.stringContaining('gates and watches cause themselves') },
    });
    expect(await define({ name: 'release', id: 'another', key: 'commit' })).toMatchObject({
      warnings: [expect.stringContaining('give this one the version 2')],
    });
    const [nobody] = await world.post([
      { ...base, id: 'off', type: 'gate.disabled', data: { name: 'nobody' } },
    ]);
    expect(nobody?.warnings).toEqual([expect.stringContaining("'nobody' yet")]);
    // said again after its opposite, it is said anew
    for (const verb of ['disable', 'enable', 'disable']) {
      expect(await world.cli('gate', verb, 'scanned', '--wait')).toMatchObject({
        ...{ exitCode: 0, stdout: expect.stringMatching(/^APPLIED/) },
      });
    }
    const heardBefore = (await heard()).length;
    const digest = hex(0x200);
    await world.post([scanned(digest, 'fine')]);
    const known = async () =>
      (
        await world.ask(
          `{ gateStatus(ref: "Artifact:${digest}") { nodes { gate { name enabled } outcome } } }`,
        )
      ).gateStatus.nodes;
    await until(async () => (await known()).length === 2, 30_000);
    expect(await known()).toEqual([
      { gate: { name: 'release', enabled: true }, outcome: 'WAITING' },
      { gate: { name: 'scanned', enabled: false }, outcome: 'PASSED' },
    ]);
    expect(await heard()).toHaveLength(heardBefore);
  }, 180_000);
});
