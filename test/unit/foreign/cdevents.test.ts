/* eslint-disable @typescript-eslint/no-explicit-any -- tests edit the samples */
import { describe, expect, test } from '@jest/globals';
import { isCdEvent } from '../../../src/foreign/cdevents/event.ts';
import { mapCdEvent } from '../../../src/foreign/cdevents/mapping.ts';
import { mapForeign } from '../../../src/foreign/foreign.ts';
import { identityOf } from '../../../src/model/event.ts';
import { buildKey } from '../../../src/model/keys.ts';
import { accept, fixture, readJson, refusal, testWithData } from './event-samples.ts';

const DIGEST = 'sha256:0b31b1c02ff458ad9b7b81cbdf8f028bd54699fa151f221d1e8de6817db93427';
const PURL = `pkg:oci/myapp@${encodeURIComponent(DIGEST)}`;
const sample = (name: string) => fixture(`cdevents/${name}.json`);

/** The data of the only envelope. */
function only(value: unknown) {
  const [envelope, ...rest] = mapCdEvent(value);
  expect(rest).toEqual([]);
  return { envelope: envelope!, body: accept(envelope!).body };
}

describe('the envelope of a CDEvent', () => {
  test('keeps its source and time, so that sending it again is a duplicate', () => {
    const { envelope } = only(sample('build_started'));
    expect(identityOf(envelope)).toBe(
      '/event/source/123 271069a8-fc18-44f1-b38f-9d70a1695819/dev.cdevents.build.started.0.3.0',
    );
    expect(envelope.time).toBe('2023-03-20T14:27:05.315384Z');
    expect(mapCdEvent(sample('build_started'))).toEqual([envelope]);
  });

  test('differs from that of another type with the same source and id', () => {
    const queued = sample('build_started');
    queued.context.type = 'dev.cdevents.build.queued.0.3.0';
    const [a, b] = [only(queued), only(sample('build_started'))];
    expect(identityOf(a.envelope)).not.toBe(identityOf(b.envelope));
  });

  test('that is only logged has its content in the id, so that nothing that differs is refused', () => {
    const event = sample('incident_reported');
    const { id, type } = event.context as { id: string; type: string };
    const first = only(event).envelope;
    expect(first.id).toMatch(/\/[0-9a-f]{12}$/);
    expect(first.id.slice(0, -13)).toBe(`${id}/${type}`);
    expect(only(sample('incident_reported')).envelope.id).toBe(first.id);
    event.subject.content.description = 'something else';
    expect(only(event).envelope.id).not.toBe(first.id);
  });

  test('has the chain as correlation and the event before it on its path as cause', () => {
    expect(only(sample('build_started')).envelope).toMatchObject({
      correlationid: '4c8cb7dd-3448-41de-8768-eec704e2829b',
      causationid: '5328c37f-bb7e-4bb7-84ea-9f5f85e4a7ce',
    });
  });

  test('is read alike from versions 0.4 and 0.5', () => {
    const event = sample('pipelinerun_started');
    const { specversion, ...context } = event.context;
    expect(specversion).toBe('0.6.0-draft');
    const older = {
      ...event,
      context: { ...context, version: '0.4.1', type: 'dev.cdevents.pipelinerun.started.0.2.0' },
      subject: { ...event.subject, type: 'pipelineRun' },
    };
    const facts = (value: unknown) =>
      mapCdEvent(value).map((envelope) => ({ ...envelope, id: '' }));
    expect(facts(older)).toEqual(facts(event));
  });

  test('of a flow is one for each event', () => {
    expect(mapCdEvent([sample('build_started'), sample('change_merged')])).toHaveLength(2);
  });
});

describe('a run', () => {
  test('is named by its page, where every source of the same run meets', () => {
    const run = 'https://github.com/octo-org/octo-repo/actions/runs/289782451';
    const event = sample('pipelinerun_started');
    event.context.type = 'dev.cdevents.pipelinerun.finished.0.3.0';
    event.subject.content = { pipelineName: 'ci', uri: run, outcome: 'success' };
    const { envelope, body } = only(event);
    expect(body).toMatchObject({
      type: 'build.completed',
      data: { outcome: 'success', name: 'ci' },
    });
    const { build } = body.data as { build: string };
    expect(buildKey(build, envelope.source)).toBe(`${run}/attempts/1`);
  });

  test('without a page is named within its source', () => {
    const { envelope, body } = only(sample('build_started'));
    const { build } = body.data as { build: string };
    expect(buildKey(build, envelope.source)).toBe('/event/source/123#mySubject123');
  });

  test('that failed says so, and the pipeline run it belongs to', () => {
    const { envelope, body } = only(sample('taskrun_finished'));
    expect(body).toMatchObject({
      type: 'build.completed',
      data: { outcome: 'failure', name: 'myTask' },
    });
    expect(envelope.workflowid).toBe('mySubject123');
  });

  test('that finished without outcome is over, and not called a success', () => {
    const event = sample('taskrun_finished');
    delete event.subject.content.outcome;
    expect(only(event).body).toMatchObject({
      type: 'build.completed',
      data: { outcome: 'unknown' },
    });
  });

  test('that names its artifact by digest generated it', () => {
    const event = sample('build_started');
    event.context.type = 'dev.cdevents.build.finished.0.3.0';
    event.subject.content = { artifactId: PURL };
    expect(only(event).body.data).toMatchObject({
      outcome: 'success',
      artifacts: [{ digest: DIGEST, name: 'myapp' }],
    });
  });

  test.each(['maybe', 'aborted', 'UNSTABLE', 'constructor', 7])(
    'with the unlisted outcome %s is over with that word, and not called a success',
    (outcome) => {
      const ended = { type: 'build.completed', data: { outcome: String(outcome) } };
      const event = sample('taskrun_finished');
      event.subject.content.outcome = outcome;
      expect(only(event).body).toMatchObject(ended);
      event.context.type = 'dev.cdevents.build.finished.0.3.0';
      event.subject.content = { artifactId: PURL, outcome };
      expect(only(event).body).toMatchObject(ended);
    },
  );
});

describe('an artifact', () => {
  test('with a digest is created', () => {
    const event = sample('artifact_packaged');
    event.subject.id = PURL;
    expect(only(event).body).toEqual({
      type: 'artifact.created',
      data: { digest: DIGEST, name: 'myapp' },
    });
  });

  test('is found in the checksum of its purl too', () => {
    const event = sample('artifact_packaged');
    event.subject.id = `pkg:generic/app@1.0.0?checksum=sha1:${'a'.repeat(40)},${DIGEST}`;
    expect(only(event).body.data).toMatchObject({
      digest: DIGEST,
      otherDigests: [`sha1:${'a'.repeat(40)}`],
    });
  });

  test('with a tag is published at the location that resolves to it', () => {
    const event = sample('artifact_packaged');
    event.context.type = 'dev.cdevents.artifact.published.0.3.0';
    event.subject.id = `${PURL}?repository_url=ghcr.io/org/myapp&tag=v1`;
    expect(only(event).body.data).toMatchObject({ location: 'docker://ghcr.io/org/myapp:v1' });
  });

  test('without a digest is the version of its package', () => {
    const event = sample('artifact_packaged');
    event.subject.id = 'pkg:golang/mygit.com/myorg/myapp@1.0.0';
    expect(only(event).body).toEqual({
      type: 'artifact.created',
      data: { name: 'myapp', purl: 'pkg:golang/mygit.com/myorg/myapp@1.0.0' },
    });
    event.context.type = 'dev.cdevents.artifact.signed.0.3.0';
    expect(only(event).body.type).toBe('custom'); // what is signed are bytes
  });

  test('named by nothing but a tag is kept under its own type, whole', () => {
    const event = sample('artifact_packaged');
    event.subject.id = 'pkg:oci/myapp@v1?repository_url=ghcr.io/org';
    const { envelope } = only(event);
    expect(envelope.type).toBe('dev.cdevents.artifact.packaged.0.3.0');
    expect(envelope.data).toEqual(event);
  });
});

describe('a service', () => {
  test.each([
    ['deployed', undefined],
    ['upgraded', undefined],
    ['rolledback', true],
  ])(
    '10-cdevents-rollback-not-counted: %s brings back what ran before: %s',
    (predicate, rollback) => {
      const event = sample('service_upgraded');
      const context = event.context as { type: string };
      context.type = context.type.replace('upgraded', predicate);
      const [created, completed] = mapCdEvent(event).map((one) => accept(one).body);
      expect([created!.type, completed!.type]).toEqual([
        'deployment.created',
        'deployment.completed',
      ]);
      expect((created!.data as { rollback?: boolean }).rollback).toBe(rollback);
    },
  );

  test('that was upgraded is a complete deployment in its slot', () => {
    const envelopes = mapCdEvent(sample('service_upgraded'));
    const { id, type } = sample('service_upgraded').context as { id: string; type: string };
    expect(envelopes.map((envelope) => envelope.id)).toEqual([`${id}/${type}`, `${id}/${type}/1`]);
    expect(envelopes.map((envelope) => accept(envelope).body)).toEqual([
      {
        type: 'deployment.created',
        data: {
          deployment: id,
          artifacts: [PURL],
          environment: 'test123',
          service: 'mySubject123',
        },
      },
      { type: 'deployment.completed', data: { deployment: id } },
    ]);
  });

  test('that was removed leaves its slot empty', () => {
    const bodies = mapCdEvent(sample('service_removed')).map((envelope) => accept(envelope).body);
    expect(bodies.map((body) => body.type)).toEqual([
      'deployment.removed',
      'deployment.created',
      'deployment.completed',
    ]);
    expect(bodies[1]!.data).toMatchObject({ artifacts: [], service: 'mySubject123' });
  });
});

describe('source and tests', () => {
  test('join host and name of a repository', () => {
    expect(only(sample('change_merged')).body.data).toMatchObject({
      change: 'mySubject123',
      repository: 'https://example.org/TestRepo/TestOrg',
    });
  });

  test('of a branch whose repository has no host are only logged', () => {
    const event = sample('branch_created');
    event.subject.content.repository = { id: 'repo' };
    expect(only(event).body.type).toBe('custom');
  });

  test('give a finished test case its outcome', () => {
    expect(only(sample('testcaserun_finished')).body).toEqual({
      type: 'testing.completed',
      data: { id: 'myTestCaseRun123', name: 'Login Test', outcome: 'success' },
    });
  });
});

describe('what has no counterpart', () => {
  test('passes under its own type', () => {
    for (const name of ['incident_reported', 'changecreated-0.4.1']) {
      const { envelope, body } = only(sample(name));
      expect(envelope.type).toBe(sample(name).context.type);
      expect(body.type).toBe('custom');
    }
  });

  test('in a new major version is not guessed at', () => {
    const event = sample('build_started');
    event.context.type = 'dev.cdevents.build.started.1.0.0';
    expect(only(event).body.type).toBe('custom');
  });
});

describe('a CDEvent that is refused', () => {
  test.each([
    ['context.id', (event: any) => delete event.context.id],
    ['context.source', (event: any) => delete event.context.source],
    ['context.type', (event: any) => delete event.context.type],
    ['context.timestamp', (event: any) => (event.context.timestamp = 'yesterday')],
    ['subject.id', (event: any) => delete event.subject.id],
    ['subject', (event: any) => delete event.subject],
  ])('names %s', (path, damage) => {
    const event = sample('build_started');
    damage(event);
    const error = refusal(() => mapCdEvent(event));
    expect(error.code).toBe('EVENT_MALFORMED');
    expect(error.details['path']).toBe(path);
  });

  test('has a type that cannot be read', () => {
    expect(refusal(() => mapForeign(sample('unparsable_type'))).details['path']).toBe(
      'context.type',
    );
  });

  test('is a JSON Schema of one', () => {
    const schema = sample('buildfinished.schema');
    expect(isCdEvent(schema)).toBe(false);
    expect(mapForeign(schema)).toBeNull();
    expect(refusal(() => mapCdEvent(schema)).code).toBe('EVENT_MALFORMED');
  });
});

describe('mapForeign', () => {
  test('reads a CDEvent inside a CloudEvent like the bare one', () => {
    const event = sample('build_started');
    const { id, source, type } = event.context;
    const wrapped = { specversion: '1.0', id, source, type, traceparent: '00-1-2-01', data: event };
    const [envelope] = mapForeign(wrapped)!;
    expect(envelope).toEqual({ ...mapCdEvent(event)[0]!, traceparent: '00-1-2-01' });
  });

  test('leaves our own events and unknown values alone', () => {
    const own = { specversion: '1.0', id: '1', source: 'ci', type: 'build.queued', data: {} };
    for (const value of [own, [own], [], {}, null, 'text', [sample('build_started'), own]]) {
      expect(mapForeign(value)).toBeNull();
    }
  });

  test('passes Eiffel events on under their own type', () => {
    const meta = {
      id: 'e1',
      type: 'EiffelArtifactCreatedEvent',
      time: 1234567890,
      source: { domainId: 'a.b' },
    };
    const [envelope] = mapForeign({ meta, data: {}, links: [] })!;
    expect(envelope).toMatchObject({ type: meta.type, id: 'e1', source: 'urn:eiffel:a.b' });
    expect(accept(envelope!).body.type).toBe('custom');
  });
});

testWithData('accepts every event of the data set and refuses its schemas', 'cdevents', (files) => {
  const counts = { accepted: 0, logged: 0, refused: 0, foreign: 0 };
  for (const file of files) {
    const value = readJson(file);
    if (file.endsWith('unparsable_type.json')) {
      expect(refusal(() => mapForeign(value)).code).toBe('EVENT_MALFORMED');
      counts.refused += 1;
      continue;
    }
    const envelopes = mapForeign(value);
    if (envelopes === null) {
      expect(file).toMatch(/\/(schemas|formats)\//);
      expect(refusal(() => mapCdEvent(value)).code).toBe('EVENT_MALFORMED');
      counts.foreign += 1;
      continue;
    }
    const isLogged = envelopes.map(accept).every(({ body }) => body.type === 'custom');
    counts[isLogged ? 'logged' : 'accepted'] += 1;
  }
  expect(counts).toEqual({ accepted: 14, logged: 28, refused: 1, foreign: files.length - 43 });
});
