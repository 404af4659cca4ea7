import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { sha256 } from '../../../src/model/event.ts';
import { startField, type Field } from '../../support/field.ts';

/** Figures have a moment: what is learnt later changes no old report. */

let field: Field;
beforeAll(async () => {
  field = await startField();
});
afterAll(() => field.stop());

const SOURCE = 'https://cd.figures-then.example';
const ENVIRONMENT = 'figures-then/prod';
const SPAN = { since: '1998-03-01T00:00:00Z', until: '1998-04-01T00:00:00Z', in: ENVIRONMENT };
const commitOf = (name: string) => sha256(`figures-then ${name}`).slice(0, 40);

let count = 0;
const event = (type: string, time: string, data: object) => {
  count += 1;
  const envelope = { specversion: '1.0', id: `e${count}`, source: SOURCE, type };
  return { ...envelope, time: `1998-03-${time}:00Z`, data };
};
const created = (deployment: string, time: string, rest = {}) =>
  event('deployment.created', time, {
    ...{ deployment, commit: commitOf(deployment), environment: 'prod', scope: 'figures-then' },
    ...rest,
  });
const told = (what: string, deployment: string, time: string) =>
  event(`deployment.${what}`, time, { deployment });

type AsOf = { known?: number; valid?: string };

async function figures(asOf: AsOf | null = null) {
  const { statistics } = await field.ask(
    `query ($since: DateTime!, $until: DateTime!, $in: String!, $asOf: AsOf) {
       statistics(since: $since, until: $until, environment: $in, asOf: $asOf) {
         events { day type count }
         deployments { succeeded failed rolledBack changeFailureRate medianLeadTimeSeconds withCommit days { day succeeded failed } } } }`,
    { ...SPAN, asOf },
  );
  return statistics;
}

test('the figures as of each log number are what they were when it was the newest', async () => {
  const wrong = told('failed', 'd3', '06T10:00');
  const history = [
    created('d1', '02T10:00'),
    created('d2', '03T10:00'),
    // told late: until now nobody knew how old what was deployed is
    event('source.commit.created', '01T10:00', {
      ...{ commit: commitOf('d1'), committedAt: '1998-03-01T10:00:00Z' },
    }),
    // from here on, what is only created by this source is not live, nor a success
    created('d3', '04T10:00'),
    told('completed', 'd3', '04T11:00'),
    told('completed', 'd2', '03T11:00'),
    event('source.commit.created', '01T12:00', {
      ...{ commit: commitOf('d3'), parents: [commitOf('d2')], committedAt: '1998-03-01T12:00:00Z' },
    }),
    wrong,
    event('claim.withdrawn', '07T10:00', { claim: `${SOURCE} ${wrong.id}`, reason: 'by mistake' }),
    created('d4', '08T10:00', { rollback: true }),
    told('completed', 'd4', '08T11:00'),
    told('rolledback', 'd2', '09T10:00'),
    event('com.example.figures-then', '10T10:00', {}),
  ];
  await field.post([
    event('type.registered', '01T00:00', {
      ...{ type: 'com.example.figures-then', version: 1, schema: { type: 'object' } },
    }),
  ]);
  const seen: { position: number; figures: unknown }[] = [];
  for (const one of history) {
    const [receipt] = await field.post([one]);
    expect(receipt).toMatchObject({ status: 'APPLIED' });
    seen.push({ position: receipt!.position!, figures: await figures() });
  }
  expect(new Set(seen.map((one) => JSON.stringify(one.figures))).size).toBeGreaterThan(9);
  for (const { position, figures: then } of seen) {
    expect({ position, figures: await figures({ known: position }) }).toEqual({
      position,
      figures: then,
    });
  }
  // valid time: what happened later had not happened
  const before = await figures({ valid: '1998-03-06T00:00:00Z' });
  expect(before.deployments).toMatchObject({ succeeded: 3, failed: 0, rolledBack: 0 });
  expect(await figures({ valid: '1998-03-31T00:00:00Z' })).toEqual(seen.at(-1)!.figures);
}, 120_000);

test('every day of the span is there, by the clocks of the time zone that is asked for', async () => {
  const inZone = async (timeZone: string) => {
    const { statistics } = await field.ask(
      `query ($since: DateTime!, $until: DateTime!, $in: String!, $timeZone: String!) {
         statistics(since: $since, until: $until, environment: $in, timeZone: $timeZone) {
           timeZone events { day type count } deployments { succeeded days { day succeeded failed } } } }`,
      { ...SPAN, timeZone },
    );
    return statistics;
  };
  const [utc, apia] = [await inZone('UTC'), await inZone('Pacific/Apia')];
  expect([utc.timeZone, apia.timeZone]).toEqual(['UTC', 'Pacific/Apia']);
  const { days } = utc.deployments;
  expect(days).toHaveLength(31);
  expect(days[0]).toEqual({ day: '1998-03-01T00:00:00.000Z', succeeded: 0, failed: 0 });
  // 10 o'clock of the 2nd in UTC is 23 o'clock of the 1st in Samoa
  expect(apia.deployments.days).toHaveLength(32);
  const succeeded = (of: typeof utc) =>
    of.deployments.days.flatMap((one: { day: string; succeeded: number }) =>
      one.succeeded === 0 ? [] : [one.day],
    );
  expect(succeeded(utc)).toContain('1998-03-02T00:00:00.000Z');
  expect(succeeded(apia)).toContain('1998-03-01T11:00:00.000Z');
  const ofType = (of: typeof utc) =>
    of.events.filter(({ type }: { type: string }) => type === 'deployment.completed');
  expect(ofType(utc)).toHaveLength(31);
  expect(ofType(apia)).toHaveLength(32);
  const total = (of: typeof utc) =>
    of.events.reduce((sum: number, { count }: { count: number }) => sum + count, 0);
  expect(total(apia)).toBe(total(utc));
  const { errors } = await field.gql(
    '{ statistics(since: "1998-03-01T00:00:00Z", timeZone: "Mars/Olympus", until: "1998-03-02T00:00:00Z") { since } }',
  );
  expect(errors[0].message).toContain("'Mars/Olympus' is not a time zone");
});

test('stemma stats --known shows events and deployments; what is counted now is refused for another moment', async () => {
  const { position } = (await field.post([told('completed', 'd1', '11T10:00')]))[0]!;
  const flags = ['--since', SPAN.since, '--until', SPAN.until, '--environment', ENVIRONMENT];
  const { exitCode, stdout } = await field.cli(['stats', ...flags, '--known', String(position)]);
  expect(exitCode).toBe(0);
  expect(stdout).toContain('Deployments');
  expect(stdout).not.toContain('What there is');
  const { errors } = await field.gql(
    `query ($since: DateTime!, $until: DateTime!) {
       statistics(since: $since, until: $until, asOf: { known: 1 }) { things { label } } }`,
    { since: SPAN.since, until: SPAN.until },
  );
  expect(errors[0]).toMatchObject({
    message: expect.stringContaining("'things'") as unknown,
    extensions: { code: 'BAD_USER_INPUT' },
  });
});
