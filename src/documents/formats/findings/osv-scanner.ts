import { asArray, asObject, asText, objectsOf } from '../../json.ts';
import type { Format } from '../format.ts';
import { recordReport, versionByName, type Finding } from './report.ts';

/** @see https://google.github.io/osv-scanner/output/#json */
export const osvScanner: Format = {
  title: 'OSV-Scanner',
  is: (value) =>
    Array.isArray(value['results']) &&
    objectsOf(value['results']).some((one) => 'source' in one && Array.isArray(one['packages'])),
  parse(value, options) {
    const results = objectsOf(value['results']);
    const [first] = results.map(({ source }) => asText(asObject(source)['path'], 200));
    const findings = results.flatMap((result, index) =>
      asArray(result['packages']).flatMap((one, at) =>
        findingsOf(asObject(one), `results.${index}.packages.${at}`),
      ),
    );
    const target = results.length === 1 ? (first ?? null) : null;
    return recordReport(
      { format: 'osv-scanner', scanner: 'OSV-Scanner', target, at: null, findings },
      options,
    );
  },
  notRead: () => ['the advisories in it: submit them by themselves'],
};

function findingsOf(found: Readonly<Record<string, unknown>>, path: string): Finding[] {
  const named = asObject(found['package']);
  const [ecosystem, name, version] = ['ecosystem', 'name', 'version'].map((key) =>
    asText(named[key]),
  );
  const reference = versionByName(ecosystem ?? null, name ?? null, version ?? null);
  return objectsOf(found['vulnerabilities']).map((vulnerability, index) => ({
    path: `${path}.vulnerabilities.${index}`,
    vulnerability: asText(vulnerability['id']),
    aliases: asArray(vulnerability['aliases']).flatMap((alias) => asText(alias) ?? []),
    name: `${name} ${version}`,
    reference,
  }));
}
