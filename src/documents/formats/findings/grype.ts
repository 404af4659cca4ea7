import { asArray, asObject, asText, asTime, objectsOf } from '../../json.ts';
import type { Format } from '../format.ts';
import { recordReport, versionByPurl, type Finding } from './report.ts';

/** @see https://github.com/anchore/grype/blob/main/grype/presenter/models/document.go */
export const grype: Format = {
  title: 'Grype',
  is: (value) =>
    Array.isArray(value['matches']) &&
    (asObject(value['descriptor'])['name'] === 'grype' ||
      objectsOf(value['matches']).some((one) => 'vulnerability' in one && 'artifact' in one)),
  parse(value, options) {
    const descriptor = asObject(value['descriptor']);
    const version = asText(descriptor['version'], 40);
    const { target } = asObject(value['source']);
    return recordReport(
      {
        format: 'grype',
        scanner: version === null ? 'Grype' : `Grype ${version}`,
        target: asText(target, 200) ?? asText(asObject(target)['userInput'], 200),
        at: asTime(descriptor['timestamp']),
        findings: asArray(value['matches']).flatMap(findingsOf),
      },
      options,
    );
  },
  notRead(value) {
    const count = asArray(value['ignoredMatches']).length;
    return count === 0 ? [] : [`${count} findings that were ignored`];
  },
};

/**
 * A GitHub advisory and the CVE that it is related to are one vulnerability. A notice of a distribution is about each of its CVEs.
 */
function findingsOf(entry: unknown, index: number): Finding[] {
  const match = asObject(entry);
  const artifact = asObject(match['artifact']);
  const version = asText(artifact['version']);
  const id = asText(asObject(match['vulnerability'])['id']);
  const related = objectsOf(match['relatedVulnerabilities']).flatMap(
    (one) => asText(one['id']) ?? [],
  );
  const isOne = id?.startsWith('GHSA-') === true && related.length === 1;
  const found = {
    path: `matches.${index}`,
    name: `${asText(artifact['name'])} ${version}`,
    reference: versionByPurl(asText(artifact['purl']), version),
  };
  if (isOne) return [{ ...found, vulnerability: id, aliases: related }];
  return [...new Set([id, ...related])].map((vulnerability) => ({ ...found, vulnerability }));
}
