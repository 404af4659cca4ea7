import { describe, expect, test } from '@jest/globals';
import { changesOf } from '../../../src/handlers/index.ts';
import { parseEvent } from '../../../src/model/event.ts';

const SECRET = 'glpat-secret';

describe('a token in an address of an event', () => {
  test.each([
    [
      'build.started',
      {
        build: `https://ci:${SECRET}@ci.example/runs/1`,
        url: `https://ci:${SECRET}@ci.example/runs/1`,
        repository: `https://oauth2:${SECRET}@gitlab.com/Acme/app.git`,
        commit: 'c'.repeat(40),
        materials: [`https://ci:${SECRET}@files.example/a.csv`],
      },
    ],
    [
      'deployment.created',
      {
        deployment: '1',
        commit: 'c'.repeat(40),
        environment: 'production',
        scope: `https://oauth2:${SECRET}@gitlab.com/Acme/app.git`,
        url: `https://ops:${SECRET}@app.example/`,
      },
    ],
    [
      'artifact.published',
      {
        digest: `sha256:${'1'.repeat(64)}`,
        url: `https://ci:${SECRET}@files.example/a.tgz`,
        location: `https://ci:${SECRET}@files.example/a.tgz`,
      },
    ],
  ])('of %s is in no key and no page', (type, data) => {
    const event = parseEvent(
      {
        ...{ specversion: '1.0', id: '1', source: 'https://ci.example', type, data },
        time: '2026-05-01T10:00:00Z',
      },
      () => undefined,
    );
    const { nodes, edges } = changesOf(event, 0);
    expect(nodes.length).toBeGreaterThan(1);
    expect(JSON.stringify({ nodes, edges })).not.toContain(SECRET);
  });
});
