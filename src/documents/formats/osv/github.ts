import { entryOf } from '../../../model/table.ts';
import { asArray, asObject, asText, clip, unsupported, type JsonObject } from '../../json.ts';
import type { Format } from '../format.ts';
import { parseOsv } from './advisory.ts';

/** GitHub's names of ecosystems → OSV's. `other` has none. */
const ECOSYSTEMS: Readonly<Record<string, string>> = {
  ...{ actions: 'GitHub Actions', composer: 'Packagist', erlang: 'Hex', go: 'Go', maven: 'Maven' },
  ...{ npm: 'npm', nuget: 'NuGet', pip: 'PyPI', pub: 'Pub', rubygems: 'RubyGems' },
  ...{ rust: 'crates.io', swift: 'SwiftURL' },
};

/**
 * An advisory as GitHub's API answers it. It is the same record as the one that GitHub publishes in the OSV format, and the newest of
 * both counts.
 *
 * @see https://docs.github.com/en/rest/security-advisories/global-advisories
 */
export const githubAdvisory: Format = {
  title: 'GitHub advisory',
  is: (value) => typeof value['ghsa_id'] === 'string' && 'vulnerabilities' in value,
  parse(value, options) {
    const state = asText(value['state']) ?? 'published';
    if (state !== 'published' && state !== 'withdrawn') {
      throw unsupported(
        `The GitHub advisory is in the state '${clip(state, 40)}': only what is published is read.`,
        'state',
      );
    }
    return parseOsv(toOsv(value), options, 'github-advisory');
  },
};

function toOsv(value: JsonObject): JsonObject {
  const others = asArray(value['identifiers']).map((one) => asObject(one)['value']);
  return {
    id: value['ghsa_id'],
    modified: value['updated_at'],
    published: value['published_at'],
    withdrawn: value['withdrawn_at'] ?? (value['state'] === 'withdrawn' ? true : null),
    aliases: [value['cve_id'], ...others],
    summary: value['summary'],
    references: [{ type: 'ADVISORY', url: value['html_url'] }],
    database_specific: { severity: value['severity'] },
    affected: asArray(value['vulnerabilities']).map((one) => affectedOf(asObject(one))),
  };
}

function affectedOf(vulnerability: JsonObject): JsonObject {
  const { ecosystem, name } = asObject(vulnerability['package']);
  const system = asText(ecosystem)?.toLowerCase() ?? '';
  return {
    package: { ecosystem: entryOf(ECOSYSTEMS, system) ?? ecosystem, name },
    ...versionsOf(asText(vulnerability['vulnerable_version_range']) ?? ''),
  };
}

/** `>= 1.0, < 1.2`, `<= 2.0` or `= 1.1`. What is written in another way says nothing, so that every version is open. */
function versionsOf(text: string): JsonObject {
  const parts = text.split(',').map((part) => /^\s*(<=|>=|<|>|=)\s*(\S+)\s*$/.exec(part));
  const bounds = parts.flatMap((part) => (part === null ? [] : [[part[1], part[2]] as const]));
  const lower = bounds.filter(([sign]) => sign?.startsWith('>'));
  const upper = bounds.filter(([sign]) => sign?.startsWith('<'));
  const [only] = bounds;
  if (bounds.length === 1 && only?.[0] === '=') return { versions: [only[1]] };
  const isInterval = lower.length <= 1 && upper.length <= 1 && lower.length + upper.length > 0;
  const isRead = bounds.length === parts.length && lower.length + upper.length === bounds.length;
  if (!isInterval || !isRead) return { ranges: [{ type: 'ECOSYSTEM', events: [] }] };
  const events = [
    // the version after which it begins counts as affected: OSV has no word for it
    { introduced: lower[0]?.[1] ?? '0' },
    ...upper.map(([sign, version]) => ({ [sign === '<' ? 'fixed' : 'last_affected']: version })),
  ];
  return { ranges: [{ type: 'ECOSYSTEM', events }] };
}
