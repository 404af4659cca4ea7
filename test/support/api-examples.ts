import { readFileSync } from 'node:fs';

const FILE = new URL('../../docs/api.md', import.meta.url);

export type Example = { readonly title: string; readonly query: string };

/** Every operation that docs/api.md shows, under the heading it stands below. */
export function apiExamples(): Example[] {
  const page = readFileSync(FILE, 'utf8');
  return [...page.matchAll(/```graphql\n([^]*?)```/g)].map((match) => ({
    title: /^#{2,3} (.*)$/m.exec(lastHeading(page.slice(0, match.index)))?.[1] ?? '',
    query: match[1] ?? '',
  }));
}

function lastHeading(text: string): string {
  return text.slice(text.search(/^#{2,3} [^\n]*$(?![^]*^#{2,3} )/m));
}
