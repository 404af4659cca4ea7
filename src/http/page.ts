import { createHash } from 'node:crypto';

/** What the front page shows. */
export type Page = {
  readonly deployments: readonly PageDeployment[];
  /** Whether there are more of them. */
  readonly more: boolean;
  /** Null where nothing was searched for. */
  readonly search: {
    readonly text: string;
    readonly found: readonly PageThing[];
    readonly problem: string | null;
  } | null;
  /** Why what is live cannot be shown, as a sentence; null where it is. */
  readonly problem: string | null;
};

export type PageThing = {
  readonly label: string;
  readonly key: string;
  readonly name: string | null;
};
type Named = { readonly key: string; readonly name: string | null };
type Things = { readonly nodes: readonly Named[] };

export type PageDeployment = Named & {
  readonly state: string | null;
  readonly url: string | null;
  readonly liveSince: string | null;
  readonly environment: Named | null;
  readonly service: Named | null;
  readonly origin: {
    readonly versions: readonly string[];
    readonly runs: Things;
    readonly builds: Things;
    readonly commits: Things;
    readonly builders: Things;
  };
};

const STYLE = `:root { color-scheme: light dark; font: 15px/1.5 system-ui, sans-serif; }
body { margin: 2rem auto; max-width: 75rem; padding: 0 1rem; }
table { border-collapse: collapse; width: 100%; margin-bottom: 1.5rem; }
th, td { text-align: left; padding: .3rem .8rem .3rem 0; border-bottom: 1px solid #8884; vertical-align: top; overflow-wrap: anywhere; }
th { font-weight: 600; } code { font-size: .9em; } input { font: inherit; width: 60%; padding: .3rem; } button { font: inherit; padding: .3rem .8rem; }
.problem { border-left: 4px solid #c33; padding-left: .8rem; }`;

/** Nothing is loaded, no script runs, and the form goes nowhere else. */
export const PAGE_POLICY = [
  "default-src 'none'",
  `style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'`,
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** Addresses that the page names. */
const LINKS = [
  ['/graphql', 'GraphQL in the browser, with a question of each kind'],
  ['/schemas', 'JSON Schemas of every event type'],
  ['/readyz', 'whether it can serve'],
  ['/healthz', 'whether something waits for an operator'],
] as const;

const COLUMNS = ['Service', 'Version', 'Live since', 'State', 'Runs', 'Build', 'Commit', 'Builder'];

/** The front page, for browsers. All text out of the graph comes from whoever sent the events. */
export function toPage({ deployments, more, search, problem }: Page): string {
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Stemma</title><style>${STYLE}</style></head>
<body>
<h1>Stemma</h1>
<p>Where software came from, where it went, and whether to believe it.</p>
<form method="get" action="/" role="search"><label>Find a thing: <input type="search" name="q" maxlength="400" value="${escape(search?.text ?? '')}" placeholder="a digest, commit id, package URL, advisory id, or words of a name"></label> <button>Search</button></form>
${problem === null ? '' : `<p class="problem">${escape(problem)}</p>`}
${search === null ? '' : foundSection(search)}
${problem === null ? liveSection(deployments, more) : ''}
<h2>Ask on</h2>
<p>Questions go to <code>POST /graphql</code>, events to <code>POST /events</code>; on the command line: <code>stemma ps</code>, <code>stemma log &lt;service&gt;</code>, <code>stemma lineage &lt;ref&gt; --up</code>, <code>stemma --help</code>.</p>
<ul>${LINKS.map(([path, what]) => `<li><a href="${path}">${path}</a>: ${what}</li>`).join('')}</ul>
</body>
</html>
`;
}

function foundSection({ text, found, problem }: NonNullable<Page['search']>): string {
  const title = `<h2>Found for “${escape(text)}”</h2>`;
  if (problem !== null) return `${title}<p class="problem">${escape(problem)}</p>`;
  if (found.length === 0) return `${title}<p>Nothing is called that.</p>`;
  const rows = found.map(({ label, key, name }) => [
    escape(label),
    code(key, key),
    escape(name === key ? '' : (name ?? '')),
  ]);
  return `${title}${table(['Kind', 'Key', 'Name'], rows)}`;
}

function liveSection(deployments: readonly PageDeployment[], more: boolean): string {
  if (deployments.length === 0) {
    return '<h2>Live deployments</h2><p>No deployment is known to be live. <code>stemma ingest</code> and <code>stemma record</code> tell of some.</p>';
  }
  const groups = Map.groupBy(deployments, ({ environment }) => environment?.key ?? '-');
  const sections = [...groups]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([environment, own]) => {
      const rows = own.toSorted((a, b) => (placeOf(a) < placeOf(b) ? -1 : 1)).map(cellsOf);
      return `<h2>Live in ${escape(environment.replace(/^-\//, ''))}</h2>${table(COLUMNS, rows)}`;
    });
  const rest = more ? '<p>There are more: ask with <code>stemma ps</code>.</p>' : '';
  return sections.join('\n') + rest;
}

const placeOf = ({ service, key }: PageDeployment): string => `${service?.key ?? ''} ${key}`;

function cellsOf({ key, url, state, liveSince, service, origin }: PageDeployment): string[] {
  const name = service?.name ?? service?.key ?? key;
  return [
    linked(url, `<span title="${escape(key)}">${escape(name)}</span>`),
    escape(origin.versions.join(', ') || '-'),
    liveSince === null
      ? '-'
      : `<time datetime="${escape(liveSince)}">${escape(liveSince.slice(0, 16).replace('T', ' '))} UTC</time>`,
    escape(state?.toLowerCase() ?? '-'),
    ...[origin.runs, origin.builds, origin.commits, origin.builders].map(thingsCell),
  ];
}

function thingsCell({ nodes }: Things): string {
  if (nodes.length === 0) return '-';
  return nodes
    .map(({ key, name }) => {
      const short = key.replace(/^((?:[a-z0-9+._-]+:)?[0-9a-f]{12})[0-9a-f]{20,}$/, '$1');
      return `${linked(key, code(short, key))}${name === null || name === key ? '' : ` ${escape(name)}`}`;
    })
    .join('<br>');
}

/** A link where the text is an address that a browser shows. */
function linked(text: string | null, html: string): string {
  const url = text === null ? null : URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol)) return html;
  return `<a href="${escape(url.href)}" rel="noreferrer nofollow">${html}</a>`;
}

function code(text: string, title: string): string {
  return `<code title="${escape(title)}">${escape(text)}</code>`;
}

function table(titles: readonly string[], rows: readonly (readonly string[])[]): string {
  const head = titles.map((title) => `<th scope="col">${title}</th>`).join('');
  const body = rows
    .map((cells) => `<tr>${cells.map((cell) => `<td>${cell}</td>`).join('')}</tr>`)
    .join('\n');
  return `<table><thead><tr>${head}</tr></thead><tbody>\n${body}\n</tbody></table>`;
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Characters that turn the direction of text around are left out: a key must not read as another one. */
function escape(text: string): string {
  return text
    .replace(/[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g, '\ufffd')
    .replace(/[&<>"']/g, (character) => ENTITIES[character] ?? '');
}
