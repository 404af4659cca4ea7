import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { addIngest } from '../../../src/cli/commands/ingest.ts';
import { addWatchAdvisories } from '../../../src/cli/commands/watch-advisories.ts';
import type { ApiRole } from '../../../src/roles/api.ts';
import { runCli } from '../../support/cli.ts';
import { createTestIo } from '../../support/cli-io.ts';
import { createPipeline, type Pipeline } from '../../support/pipeline.ts';
import { sharedServers } from '../../support/servers.ts';
import { until } from '../../support/until.ts';
import { Command } from 'commander';

describe('feeding advisories to a service', () => {
  let pipeline: Pipeline;
  let api: ApiRole;
  let dir: string;
  const put = (name: string, modified = '2026-11-21T10:00:00Z') => {
    const id = `FEED-${pipeline.tag}-${name}`;
    const affected = [
      { package: { ecosystem: 'npm', name: id.toLowerCase() }, versions: ['1.0.0'] },
    ];
    writeFileSync(join(dir, `${name}.json`), JSON.stringify({ id, modified, affected }));
  };
  const ingest = async (...args: string[]) =>
    runCli([addIngest], ['ingest', 'osv', dir, ...args], { url: api.address });

  beforeAll(async () => {
    pipeline = await createPipeline(sharedServers());
    await pipeline.startWriter();
    api = await pipeline.startApi();
    dir = mkdtempSync(join(tmpdir(), 'stemma-advisories-'));
  });
  afterAll(async () => {
    rmSync(dir, { recursive: true, force: true });
    await pipeline.stop();
  });

  it('sends what the service does not have, which it is asked, and says what became of each', async () => {
    put('one');
    put('two');
    writeFileSync(join(dir, 'three.json'), '{"id": 3}');
    const first = await ingest('--wait');
    expect(first.err).toEqual(['2 new, 0 changed, 0 unchanged, 1 refused.']);
    expect(first.out).toEqual([expect.stringContaining(`refused\t${join(dir, 'three.json')}\t`)]);
    expect(first.status).toBe(1);
    rmSync(join(dir, 'three.json'));
    put('two', '2026-11-22T10:00:00Z');
    put('four');
    const again = await ingest('--wait');
    expect(again).toEqual({
      status: 0,
      out: [],
      err: ['1 new, 1 changed, 1 unchanged, 0 refused.'],
    });
    const { out } = await ingest('--json');
    expect(JSON.parse(out[0]!)).toMatchObject({ new: 0, changed: 0, unchanged: 3, refused: 0 });
  });

  it('with --dry-run says what would be sent, and sends nothing', async () => {
    put('five');
    expect((await ingest('--dry-run')).err).toEqual(['1 new, 0 changed, 3 unchanged, 0 refused.']);
    expect((await ingest('--dry-run')).err).toEqual(['1 new, 0 changed, 3 unchanged, 0 refused.']);
  });

  it('follows a directory until it is stopped', async () => {
    const stop = new AbortController();
    const { io, written } = createTestIo({ STEMMA_URL: api.address }, { signal: stop.signal });
    const program = new Command().exitOverride();
    addWatchAdvisories(program, io);
    for (const command of program.commands) command.option('--json', 'as cli.ts adds it');
    put('six');
    const args = ['watch-advisories', dir, '--every', '1', '--json'];
    const ended = program.parseAsync(args, { from: 'user' }).catch((error: unknown) => error);
    await until(() => written.out.length === 1);
    put('six', '2026-11-23T10:00:00.5Z');
    await until(() => written.out.length === 2);
    stop.abort();
    expect(await ended).toMatchObject({ name: 'AbortError' });
    expect(written.out.map((line) => JSON.parse(line))).toMatchObject([
      { new: 2, unchanged: 3 },
      { changed: 1, new: 0, unchanged: 0 },
    ]);
  });
});
