import { parseReference, type Reference } from '../../../model/concern.ts';
import { rangeProblem } from '../../../model/package-match.ts';
import { asArray, asObject, asText, isObject, objectsOf, type JsonObject } from '../../json.ts';
import type { Format } from '../format.ts';
import { recordReport, versionByName, type Finding } from './report.ts';

const GHSA = /GHSA(?:-[0-9a-z]{4}){3}/i;

/**
 * What `npm audit --json` prints (pnpm and yarn print the older form). Since npm 7 it names the package and the range of its advisory,
 * and not the version that is there.
 *
 * @see https://docs.npmjs.com/cli/v11/commands/npm-audit
 */
export const npmAudit: Format = {
  title: 'npm audit',
  is: (value) =>
    (typeof value['auditReportVersion'] === 'number' && isObject(value['vulnerabilities'])) ||
    (isObject(value['advisories']) && isObject(value['metadata'])),
  parse(value, options) {
    const { advisories } = value;
    const findings = isObject(advisories)
      ? Object.entries(advisories).flatMap(([key, one]) =>
          ofAdvisory(asObject(one), `advisories.${key}`),
        )
      : Object.entries(asObject(value['vulnerabilities'])).flatMap(([name, one]) =>
          ofPackage(asObject(one), `vulnerabilities.${name}`),
        );
    const report = { format: 'npm-audit', scanner: 'npm audit', target: null, at: null };
    return recordReport({ ...report, findings }, options);
  },
};

/** `via` has texts where the fault is in another package of the report, which says so itself. */
function ofPackage({ via }: JsonObject, path: string): Finding[] {
  return asArray(via).flatMap((one, index): Finding[] => {
    if (typeof one === 'string') return [];
    const found = asObject(one);
    const [name, range] = [asText(found['name']), asText(found['range'])];
    return [
      {
        path: `${path}.via.${index}`,
        vulnerability: idOf(found),
        name: `${name} ${range}`,
        reference: inRange(name, range),
      },
    ];
  });
}

function ofAdvisory(found: JsonObject, path: string): Finding[] {
  const name = asText(found['module_name']);
  const cves = asArray(found['cves']).flatMap((cve) => asText(cve) ?? []);
  const [id, ...aliases] = [idOf(found), ...cves].filter((text) => text !== null);
  const versions = objectsOf(found['findings']).flatMap(({ version }) => asText(version) ?? []);
  const about = { path, vulnerability: id ?? null, aliases: cves.length === 1 ? aliases : [] };
  if (versions.length === 0) {
    const range = asText(found['vulnerable_versions']);
    return [{ ...about, name: `${name} ${range}`, reference: inRange(name, range) }];
  }
  return versions.map((version) => ({
    ...about,
    name: `${name} ${version}`,
    reference: versionByName('npm', name, version),
  }));
}

/** The advisory's id at GitHub; npm's own numbers are known nowhere else. */
function idOf(found: JsonObject): string | null {
  const text = [found['github_advisory_id'], found['url']]
    .map((one) => asText(one) ?? '')
    .join(' ');
  const id = GHSA.exec(text)?.[0];
  return id === undefined ? null : `GHSA${id.slice(4).toLowerCase()}`;
}

/** Versions of a package of npm, in npm's own way of writing ranges. */
function inRange(name: string | null, range: string | null): Reference | null {
  if (name === null || range === null || rangeProblem('npm', range) !== null) return null;
  const reference = parseReference(`pkg:npm/${name.split('/').map(encodeURIComponent).join('/')}`);
  return reference?.package == null ? null : { ...reference, range };
}

/** @see https://github.com/pypa/pip-audit#usage (`--format json`) */
export const pipAudit: Format = {
  title: 'pip-audit',
  is: (value) =>
    Array.isArray(value['dependencies']) &&
    !('bomFormat' in value) &&
    objectsOf(value['dependencies']).some((one) => Array.isArray(one['vulns'])),
  parse(value, options) {
    const findings = objectsOf(value['dependencies']).flatMap((dependency, index) => {
      const [name, version] = [asText(dependency['name']), asText(dependency['version'])];
      return objectsOf(dependency['vulns']).map((found, at) => ({
        path: `dependencies.${index}.vulns.${at}`,
        vulnerability: asText(found['id']),
        aliases: asArray(found['aliases']).flatMap((alias) => asText(alias) ?? []),
        name: `${name} ${version}`,
        reference: versionByName('PyPI', name, version),
      }));
    });
    const report = { format: 'pip-audit', scanner: 'pip-audit', target: null, at: null };
    return recordReport({ ...report, findings }, options);
  },
  notRead(value) {
    const skipped = objectsOf(value['dependencies']).filter((one) => 'skip_reason' in one).length;
    return skipped === 0 ? [] : [`${skipped} packages that were not audited`];
  },
};
