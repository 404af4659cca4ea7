import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { LastWord } from '../../../src/graph/read/events.ts';
import type { Intake, Receipt } from '../../../src/model/receipt.ts';
import { createTestGraphql, fakeReader, type Asked } from '../../support/graphql.ts';

const MINUTE = 60_000;
const REFS: Record<string, string> = {
  'deployment.created': 'Deployment:urn:cd#d',
  'deployment.completed': 'Deployment:urn:cd#d',
  'deployment.removed': 'Deployment:urn:cd#d',
  'deployment.rolledback': 'Deployment:urn:cd#d',
  'deployment.verified': 'Deployment:urn:cd#d',
  'build.started': 'Build:https://ci.example/1',
  'build.completed': 'Build:https://ci.example/1',
  'vulnerability.detected': 'Vulnerability:CVE-1',
  'vulnerability.withdrawn': 'Vulnerability:CVE-1',
};

describe('what can happen again', () => {
  let asked: Asked;
  let time: number;
  let log: (LastWord & { readonly type: string; readonly id: string })[];
  let isAway: boolean;
  beforeEach(async () => {
    time = 1_800_000_000_000;
    log = [];
    isAway = false;
    const intake: Intake = {
      async accept(submissions) {
        return submissions.map((submission): Receipt => {
          if (!('value' in submission)) throw new Error('not sent');
          const { id, source, type } = submission.value as Record<string, string>;
          const known = log.some((word) => word.id === id);
          if (!known) {
            const identity = { key: `${source!} ${id!}`, eventId: id!, source: source! };
            log.push({ ...identity, acceptedAt: time, type: type!, id: id! });
          }
          const [status, first] = known
            ? (['DUPLICATE', 'APPLIED'] as const)
            : (['APPLIED', null] as const);
          return {
            eventId: id!,
            source: source!,
            position: log.length,
            status,
            first,
            error: null,
          };
        });
      },
    };
    asked = await createTestGraphql({
      intake,
      now: () => time,
      reader: fakeReader({
        lastWord: async (ref, types) => {
          if (isAway) throw new Error('away');
          return log.findLast((one) => REFS[one.type] === ref && types.includes(one.type)) ?? null;
        },
      }),
    });
  });
  afterEach(async () => asked.graphql.stop());

  const say = async (mutation: string, input: string): Promise<string> => {
    const query = `mutation { ${mutation}(input: { source: "urn:cd", ${input} }) { status } }`;
    const { data, errors } = await asked.ask(query);
    expect(errors).toEqual([]);
    return data[mutation].status as string;
  };
  const completed = async () => say('completeDeployment', 'deployment: "d"');

  it('is a duplicate when it is only sent again', async () => {
    const told: string[] = [];
    for (let turn = 0; turn < 3; turn += 1) {
      told.push(await completed());
      time += 3 * MINUTE;
    }
    expect(told).toEqual(['APPLIED', 'DUPLICATE', 'DUPLICATE']);
  });

  it('has happened again after another word, at the same moment too', async () => {
    const result = async (word: string) =>
      say('verifyDeployment', `deployment: "d", result: ${word}`);
    const told: string[] = [];
    for (const word of ['PASSED', 'FAILED', 'PASSED', 'PASSED', 'FAILED', 'FAILED']) {
      told.push(await result(word));
    }
    expect(told).toEqual(['APPLIED', 'APPLIED', 'APPLIED', 'DUPLICATE', 'APPLIED', 'DUPLICATE']);
  });

  it('has happened again after ten minutes: a nightly verification', async () => {
    const nightly = async () => say('verifyDeployment', 'deployment: "d", result: PASSED');
    expect(await nightly()).toBe('APPLIED');
    time += 24 * 60 * MINUTE;
    expect(await nightly()).toBe('APPLIED');
    time += MINUTE;
    expect(await nightly()).toBe('DUPLICATE');
    time += 24 * 60 * MINUTE;
    expect(await nightly()).toBe('APPLIED');
  });

  it('goes round: completed, rolled back, completed, rolled back', async () => {
    const rolledBack = async () => say('rollbackDeployment', 'deployment: "d", to: "c"');
    const told = [];
    for (const word of [completed, rolledBack, completed, completed, rolledBack]) {
      told.push(await word());
    }
    expect(told).toEqual(['APPLIED', 'APPLIED', 'APPLIED', 'DUPLICATE', 'APPLIED']);
  });

  it('a run that is started again under its URL', async () => {
    const build = 'build: "https://ci.example/1"';
    const told = [
      await say('startBuild', build),
      await say('startBuild', build),
      await say('completeBuild', `${build}, outcome: FAILURE`),
      await say('startBuild', build),
      await say('completeBuild', `${build}, outcome: FAILURE`),
      await say('completeBuild', `${build}, outcome: SUCCESS`),
    ];
    expect(told).toEqual(['APPLIED', 'DUPLICATE', 'APPLIED', 'APPLIED', 'APPLIED', 'APPLIED']);
  });

  it('an advisory that is reinstated', async () => {
    const report = async () =>
      say('reportVulnerability', 'vulnerability: "CVE-1", affects: ["pkg:npm/a@1"]');
    expect([await report(), await report()]).toEqual(['APPLIED', 'DUPLICATE']);
    const identity = { key: 'urn:feed w', eventId: 'w', id: 'w', source: 'urn:feed' };
    log.push({ ...identity, type: 'vulnerability.withdrawn', acceptedAt: time });
    expect([await report(), await report()]).toEqual(['APPLIED', 'DUPLICATE']);
  });

  it('is told apart by its time, however that is written, and by an id', async () => {
    const at = async (text: string) => say('removeDeployment', `deployment: "d", time: "${text}"`);
    const told = [
      await at('2026-11-21T10:00:00Z'),
      await at('2026-11-21T11:00:00+01:00'),
      await at('2026-11-21T10:00:01Z'),
      await say('removeDeployment', 'deployment: "d", id: "x"'),
      await say('removeDeployment', 'deployment: "d", id: "x"'),
    ];
    expect(told).toEqual(['APPLIED', 'DUPLICATE', 'APPLIED', 'APPLIED', 'DUPLICATE']);
  });

  it('is rather told twice than lost where the graph is away', async () => {
    isAway = true;
    expect(await completed()).toBe('APPLIED');
    time += 1;
    expect(await completed()).toBe('APPLIED');
  });
});
