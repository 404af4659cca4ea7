// A build is finished, what it has built is scanned, and the result is reported back.
import { createWatcher } from 'stemma/watcher';

const [url = 'http://127.0.0.1:4000', position = 'scanner.position'] = process.argv.slice(2);

const watcher = createWatcher({
  ...{ name: 'scanner', url, position, types: ['build.completed'] },
  filter: { outcome: 'success' },
  async act({ data: { artifacts = [] } }) {
    return Promise.all(
      artifacts.map(async ({ digest, purl = '' }) => ({
        type: 'audit.completed',
        data: { id: `scan of ${digest ?? purl}`, outcome: await scan(digest ?? purl) },
      })),
    );
  },
});

/** Stands for a scanner. */
async function scan(artifact: string): Promise<string> {
  return Promise.resolve(artifact.startsWith('sha256:') ? 'success' : 'failure');
}

process.on('SIGTERM', () => void watcher.stop());
await watcher.run();
