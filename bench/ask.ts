import { request } from 'node:http';

/** Reads the whole answer, and keeps the last 64 KiB of it, or all of a small one. */
export async function ask(url: string, body?: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const asked = request(
      url,
      {
        method: body === undefined ? 'GET' : 'POST',
        headers: { 'content-type': 'application/json' },
      },
      (response) => {
        let tail = '';
        response.setEncoding('latin1');
        response.on('data', (chunk: string) => (tail = (tail + chunk).slice(-65_536)));
        response.on('error', reject);
        response.on('end', () => {
          if (response.statusCode === 200) resolve(tail);
          else reject(new Error(`${response.statusCode}: ${tail.slice(0, 500)}`));
        });
      },
    );
    asked.on('error', reject);
    asked.end(body);
  });
}
