import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { mapForeign } from '../../../src/foreign/foreign.ts';
import { mapGithubWebhook } from '../../../src/foreign/github/webhook.ts';
import { sha256, type Envelope } from '../../../src/model/event.ts';
import { event } from '../../support/events.ts';
import { createPipeline, type Pipeline } from '../../support/pipeline.ts';
import { sharedServers } from '../../support/servers.ts';

let pipeline: Pipeline;
beforeAll(async () => {
  pipeline = await createPipeline(sharedServers());
  await pipeline.startWriter();
});
afterAll(() => pipeline.stop());

const fixture = (name: string): string =>
  readFileSync(new URL(`../../fixtures/${name}`, import.meta.url), 'utf8');

function submitted(statement: object): Envelope {
  const content = JSON.stringify(statement);
  const digest = `sha256:${sha256(content)}`;
  return event('document.submitted', { digest, content }, { id: digest });
}

/** The shapes that GitHub's generators write, for one run. */
function slsaV02(repository: string, run: number, attempt: number, commit: string): object {
  return {
    _type: 'https://in-toto.io/Statement/v0.1',
    predicateType: 'https://slsa.dev/provenance/v0.2',
    subject: [{ name: 'one-build', digest: { sha256: sha256(`${run}v02`) } }],
    predicate: {
      builder: {
        id: 'https://github.com/slsa-framework/slsa-github-generator/.github/workflows/builder_go_slsa3.yml@refs/tags/v1.2.2',
      },
      buildType: 'https://github.com/slsa-framework/slsa-github-generator/go@v1',
      invocation: {
        configSource: {
          uri: `git+https://github.com/${repository}@refs/tags/v1`,
          digest: { sha1: commit },
          entryPoint: '.github/workflows/release.yml',
        },
      },
      metadata: { buildInvocationID: `${run}-${attempt}` },
      materials: [
        { uri: `git+https://github.com/${repository}@refs/tags/v1`, digest: { sha1: commit } },
      ],
    },
  };
}

function slsaV1(repository: string, run: number, attempt: number, commit: string): object {
  return {
    _type: 'https://in-toto.io/Statement/v1',
    predicateType: 'https://slsa.dev/provenance/v1',
    subject: [{ name: 'one-build', digest: { sha256: sha256(`${run}v1`) } }],
    predicate: {
      buildDefinition: {
        buildType: 'https://slsa-framework.github.io/github-actions-buildtypes/workflow/v1',
        externalParameters: {
          workflow: {
            ref: 'refs/tags/v1',
            repository: `https://github.com/${repository}`,
            path: '.github/workflows/release.yml',
          },
        },
        resolvedDependencies: [
          {
            uri: `git+https://github.com/${repository}@refs/tags/v1`,
            digest: { gitCommit: commit },
          },
        ],
      },
      runDetails: {
        builder: { id: 'https://github.com/actions/runner/github-hosted' },
        metadata: {
          invocationId: `https://github.com/${repository}/actions/runs/${run}/attempts/${attempt}`,
        },
      },
    },
  };
}

test('the GitHub webhook, the CDEvent and the SLSA statements v0.2 and v1 of one run are one Build', async () => {
  const webhook = JSON.parse(fixture('github-webhooks/workflow_run-completed.json')) as {
    workflow_run: { id: number; run_attempt: number; head_sha: string; html_url: string };
    repository: { full_name: string };
  };
  const { id: run, run_attempt: attempt, head_sha: commit, html_url: url } = webhook.workflow_run;
  const repository = webhook.repository.full_name;

  const cdEvent = JSON.parse(fixture('cdevents/pipelinerun_started.json')) as {
    context: { id: string };
    subject: { id: string; content: Record<string, unknown> };
  };
  cdEvent.context.id = `one-build-${run}`;
  cdEvent.subject.id = `${url}/attempts/${attempt}`;
  delete cdEvent.subject.content['uri'];
  delete cdEvent.subject.content['url'];

  const envelopes = [
    ...mapGithubWebhook(webhook, 'workflow_run'),
    ...(mapForeign(cdEvent) ?? []),
    submitted(slsaV02(repository, run, attempt, commit)),
    submitted(slsaV1(repository, run, attempt, commit)),
  ];
  expect(envelopes.length).toBeGreaterThanOrEqual(4);
  await pipeline.publish(envelopes);
  await pipeline.caughtUp();
  expect(await pipeline.deadLetters()).toEqual([]);

  const rows = await pipeline.graph.read(
    {
      name: 'test/builds-of-run',
      text: 'MATCH (b:Build) WHERE b.key CONTAINS $run RETURN b.key AS key, COUNT { (b)<-[:GENERATED_BY]-() } AS artifacts, COUNT { (b)-[:BUILT_FROM]->(:Commit {key: $commit}) } AS claims',
    },
    { run: String(run), commit },
  );
  expect(rows.map((row) => row.toObject())).toEqual([
    {
      key: `https://github.com/${repository}/actions/runs/${run}/attempts/${attempt}`,
      artifacts: 2,
      claims: expect.any(Number),
    },
  ]);
  expect(Number(rows[0]!.get('claims'))).toBeGreaterThanOrEqual(3);
});
