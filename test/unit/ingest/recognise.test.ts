import { describe, expect, test } from '@jest/globals';
import { fixtureText, recognise } from './ingesting.ts';

const EVENT = {
  specversion: '1.0',
  id: '1',
  source: 'urn:ci',
  type: 'build.started',
  subject: 'build 1',
  data: { build: 'https://ci.example/1' },
};
const COMMIT_LINE = fixtureText('git-history/cli_cli.commits.jsonl').split('\n')[0]!;

describe('a document is told by its content', () => {
  test.each([
    ['documents/intoto/npm-provenance-v0.2.json', 'in-toto-v0.1+slsa-provenance-v0.2'],
    ['documents/intoto/oss-rebuild-v1.json', 'dsse+in-toto-v1+slsa-provenance-v1'],
    ['documents/intoto/github-go-v0.2.intoto.jsonl', 'dsse+in-toto-v0.1+slsa-provenance-v0.2'],
    [
      'documents/intoto/github-bazel-v1.intoto.jsonl',
      'sigstore-bundle-v0.3+in-toto-v1+slsa-provenance-v1',
    ],
    ['documents/intoto/gcloud-describe.json', 'dsse+in-toto-v0.1+slsa-provenance-v0.1'],
    ['documents/cyclonedx/alpine-1.4.json', 'cyclonedx-1.4'],
  ])('%s is %s', async (path, format) => {
    const { formats, events, problems } = await recognise(fixtureText(path));
    expect(problems).toEqual([]);
    expect(formats).toContain(format);
    for (const event of events) {
      expect(event.type).toBe('document.submitted');
      expect(event.id).toBe((event.data as { digest: string }).digest);
    }
  });
});

describe('an event is told by its content', () => {
  test.each([
    ['cdevents/build_started.json', 'cdevents', ['build.started']],
    ['cdevents/service_upgraded.json', 'cdevents', ['deployment.created', 'deployment.completed']],
    [
      'github-webhooks/workflow_run-completed.json',
      'github',
      ['build.started', 'build.completed', 'source.repository.named'],
    ],
    ['github-webhooks/check_run-completed.json', 'github', ['com.github.check_run']],
    ['git-history/guacsec_guac.tags.jsonl', 'git-history', ['source.branch.created']],
  ])('%s is of %s', async (path, format, types) => {
    const name = path.split('/').at(-1)!;
    const { formats, events, problems } = await recognise(fixtureText(path), {}, name);
    expect(problems).toEqual([]);
    expect(formats).toEqual([format]);
    expect(events.map(({ type }) => type)).toEqual(types);
  });

  test('of ours goes as it is, alone, in a list, and one per line', async () => {
    const text = JSON.stringify(EVENT, null, 2);
    const { pieces } = await recognise(`\uFEFF${text}`);
    expect(pieces).toMatchObject([{ format: 'cloudevents', raw: text, line: null }]);
    for (const several of [
      JSON.stringify([EVENT, { ...EVENT, id: '2' }]),
      `${JSON.stringify(EVENT)}\n\n${JSON.stringify({ ...EVENT, id: '2' })}\n`,
    ]) {
      const { events, problems } = await recognise(several);
      expect(events).toEqual([EVENT, { ...EVENT, id: '2' }]);
      expect(problems).toEqual([]);
    }
  });

  test('of an agent is mapped', async () => {
    const event = { event_type: 'WORKFLOW_STARTED', workflow_id: 'w1', source_agent: 'planner' };
    const { formats, events } = await recognise(JSON.stringify(event));
    expect(formats).toEqual(['agent']);
    expect(events).toMatchObject([{ type: 'workflow.started', data: { workflow: 'w1' } }]);
  });

  test('of GitHub is what the caller says it is', async () => {
    const { events } = await recognise('{"anything": 1}', { githubEvent: 'star' });
    expect(events).toMatchObject([{ type: 'com.github.star' }]);
  });
});

describe('an exported history', () => {
  test('belongs to the repository that the caller or the name of the file says', async () => {
    const stated = await recognise(COMMIT_LINE, { repository: 'git@github.com:org/app.git' });
    expect(stated.events).toMatchObject([{ source: 'https://github.com/org/app' }]);
    const named = await recognise(COMMIT_LINE, {}, 'cli_cli.commits.jsonl');
    expect(named.events).toMatchObject([{ source: 'https://github.com/cli/cli' }]);
  });

  test('of nobody is refused', async () => {
    const { events, problems } = await recognise(COMMIT_LINE, {}, 'history.jsonl');
    expect(events).toEqual([]);
    expect(problems).toEqual([expect.stringContaining('give --repository')]);
  });
});

describe('JSON lines', () => {
  test('may hold documents and events of several kinds', async () => {
    const statement = JSON.stringify(
      JSON.parse(fixtureText('documents/intoto/npm-provenance-v0.2.json')),
    );
    const { formats, events } = await recognise(`${statement}\n${JSON.stringify(EVENT)}\n`);
    expect(formats).toEqual(['in-toto-v0.1+slsa-provenance-v0.2', 'cloudevents']);
    expect(events).toHaveLength(2);
  });

  test('with a bad line lose that line alone, and say which it is', async () => {
    const { events, pieces } = await recognise(fixtureText('documents/intoto/bad-line.jsonl'));
    const bad = pieces.filter(({ kind }) => kind === 'problem');
    expect(events.length).toBeGreaterThan(0);
    expect(bad).toMatchObject([
      { line: expect.any(Number), reason: expect.stringContaining('not JSON') },
    ]);
  });
});

describe('what is not taken says why', () => {
  test.each([
    ['', /is empty/],
    ['# Read me', /neither JSON nor JSON lines/],
    ['a\tb\nc\td\n', /neither JSON nor JSON lines/],
    ['{"a": ', /not JSON/],
    ['[]', /list is empty/],
    ['42', /not an object/],
    ['{"a": 1}', /its members are a/],
    ['{"@context": "https://spdx.org/rdf/3.0.1/spdx-context.jsonld"}', /SPDX 3/],
    ['<bom xmlns="http://cyclonedx.org/schema/bom/1.1"/>', /specVersion/],
    ['<html/>', /XML, of which this service reads CycloneDX alone/],
    ['kind: Pod\nspec: {}\n', /its members are kind, spec/],
    ['id: a\nid: b\n', /The key 'id' is there twice \(line 2\)/],
    ['- a: 1\n', /^0: .*its members are a/],
    ['{"$schema": "http://json-schema.org/draft-07/schema#"}', /JSON Schema/],
    ['[{"a": 1}, 2]', /^0: .*its members/],
    ['['.repeat(100_000), /nested too deeply|not JSON/],
    [`{"context": ${'['.repeat(50_000)}${']'.repeat(50_000)}}`, /./],
  ])('%.40s', async (text, reason) => {
    const { events, problems, skipped } = await recognise(text);
    expect(events).toEqual([]);
    expect([...problems, ...skipped][0]).toMatch(reason);
  });

  test('a broken CDEvent by its path', async () => {
    const event = JSON.parse(fixtureText('cdevents/build_started.json')) as {
      subject: { id?: string };
    };
    delete event.subject.id;
    const { problems } = await recognise(JSON.stringify(event));
    expect(problems).toEqual([expect.stringContaining("'subject.id'")]);
  });
});
