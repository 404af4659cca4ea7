import { asArray, asObject, asText, objectsOf, type JsonObject } from '../../json.ts';
import type { Format } from '../format.ts';
import { recordReport, versionByPurl, type Finding } from './report.ts';

const ID =
  /\b(?:CVE-\d{4}-\d{4,19}|GHSA(?:-[0-9a-z]{4}){3}|(?:GO|PYSEC|RUSTSEC|MAL|OSV)-\d{4}-\d+)/;

/**
 * What a SARIF log says of packages: results whose rule is a vulnerability, with package URLs in the properties of the result or of the
 * rule (Grype, Docker Scout). Findings in source code are about no package.
 *
 * @see https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
 */
export const sarif: Format = {
  title: 'SARIF',
  is: (value) => Array.isArray(value['runs']) && 'version' in value,
  parse(value, options) {
    const runs = objectsOf(value['runs']);
    const drivers = runs.map((run) => asObject(asObject(run['tool'])['driver']));
    const names = drivers.map((driver) =>
      [asText(driver['name'], 80), asText(driver['version'], 40)]
        .filter((part) => part !== null)
        .join(' '),
    );
    const scanner = [...new Set(names)].join(', ') || 'an unnamed scanner';
    const findings = runs.flatMap((run, index) => findingsIn(run, `runs.${index}`));
    const report = { format: `sarif-${asText(value['version'], 20) ?? ''}`, scanner, target: null };
    return recordReport({ ...report, at: null, findings }, options);
  },
  notRead(value) {
    const results = objectsOf(value['runs']).flatMap((run) => objectsOf(run['results']));
    const count = results.filter(({ ruleId }) => !ID.test(asText(ruleId) ?? '')).length;
    return count === 0 ? [] : [`${count} results that are about no vulnerability of a package`];
  },
};

function findingsIn(run: JsonObject, path: string): Finding[] {
  const rules = objectsOf(asObject(asObject(run['tool'])['driver'])['rules']);
  const byId = new Map(rules.map((rule) => [asText(rule['id']), rule]));
  return objectsOf(run['results']).flatMap((result, index): Finding[] => {
    const ruleId = asText(result['ruleId']) ?? asText(asObject(result['rule'])['id']);
    const at = result['ruleIndex'];
    const rule = byId.get(ruleId) ?? (typeof at === 'number' ? rules[at] : undefined);
    const vulnerability = ID.exec(ruleId ?? asText(rule?.['id']) ?? '')?.[0];
    // what passed, or was accepted, is claimed by nobody
    const isClaimed = !['pass', 'notApplicable'].includes(asText(result['kind']) ?? '');
    if (vulnerability === undefined || !isClaimed) return [];
    const purls = [...purlsIn(result), ...(purlsIn(result).length === 0 ? purlsIn(rule) : [])];
    const about = { path: `${path}.results.${index}`, vulnerability };
    const message = asText(asObject(result['message'])['text'], 80) ?? ruleId ?? '';
    if (purls.length === 0) return [{ ...about, name: message, reference: null }];
    return purls.map((purl) => ({ ...about, name: purl, reference: versionByPurl(purl, null) }));
  });
}

function purlsIn(member: JsonObject | undefined): string[] {
  const properties = asObject(member?.['properties']);
  return [...asArray(properties['purls']), properties['purl']].flatMap(
    (purl) => asText(purl) ?? [],
  );
}
