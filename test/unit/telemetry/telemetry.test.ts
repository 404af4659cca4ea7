import { describe, expect, test } from '@jest/globals';
import { secretsOf } from '../../../src/settings.ts';
import { createLog } from '../../../src/telemetry.ts';

const PLANTED = 'pl"anted/sécret?1';

function logged(secrets: readonly string[], write: (log: ReturnType<typeof createLog>) => void) {
  let text = '';
  const destination = { write: (line: string) => void (text += line) };
  write(createLog('debug', { secrets, destination }));
  return text;
}

describe('the log', () => {
  test('never has a secret in it, wherever it was planted', () => {
    const text = logged([PLANTED], (log) => {
      const cause = new Error(`the server refused '${PLANTED}'`);
      log.warn({ err: new Error(`no access with ${PLANTED}`, { cause }) }, 'failed');
      log.info({ url: `redis://user:${encodeURIComponent(PLANTED)}@host:6379` }, 'connecting');
      log.error({ list: [{ deep: { down: PLANTED } }] }, `as ${PLANTED}`);
      log.debug({ password: 'short', client: { authorization: 'Bearer abc' } }, 'asking');
    });
    const lines = text.trim().split('\n');
    expect(lines).toHaveLength(4);
    for (const line of lines) {
      const fields = JSON.parse(line) as unknown; // still JSON
      expect(JSON.stringify(fields)).not.toMatch(/anted|cret\?|short|Bearer/);
      expect(line).toContain('[redacted]');
    }
  });

  test('has no credentials of URLs that nobody named', () => {
    const text = logged([], (log) => {
      log.warn({ err: new Error('connect bolt://neo4j:s3cr%40t@db.example:7687 failed') }, 'away');
      log.info({ at: 'https://ci.example/runs/1?a=b:c@d', mail: 'to: a@b.example' }, 'kept');
    });
    expect(text).not.toContain('s3cr');
    expect(text).toContain('bolt://neo4j:[redacted]@db.example:7687');
    expect(text).toContain('https://ci.example/runs/1?a=b:c@d');
    expect(text).toContain('to: a@b.example');
  });

  test('the secrets are the settings that are never shown, and the passwords in their URLs', () => {
    const environment = {
      NEO4J_PASSWORD: 'of the graph',
      REDIS_URL: 'rediss://me:p%40ss%20word@a:6379,b:6379',
      STEMMA_CURSOR_SECRET: 'sixteen letters!',
      STEMMA_LOG_LEVEL: 'debug',
    };
    expect(secretsOf(environment)).toEqual([
      'sixteen letters!',
      'of the graph',
      'p%40ss%20word',
      'p@ss word',
    ]);
    expect(secretsOf({ REDIS_URL: 'redis://localhost:6379', NEO4J_PASSWORD: '' })).toEqual([]);
    expect(secretsOf({ REDIS_URL: 'redis://:50%off!@h' })).toEqual(['50%off!']);
  });
});
