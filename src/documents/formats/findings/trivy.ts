import { entryOf } from '../../../model/table.ts';
import { asArray, asObject, asText, asTime, objectsOf, type JsonObject } from '../../json.ts';
import type { Format } from '../format.ts';
import { recordReport, versionByName, versionByPurl, type Finding } from './report.ts';

/** Types of Trivy's results, of which reports before 0.46 have no package URLs, as OSV calls the ecosystem. */
const ECOSYSTEMS: Readonly<Record<string, string>> = {
  ...{ npm: 'npm', yarn: 'npm', pnpm: 'npm', bun: 'npm', 'node-pkg': 'npm' },
  ...{ gomod: 'Go', gobinary: 'Go', cargo: 'crates.io', rustbinary: 'crates.io' },
  ...{ pip: 'PyPI', pipenv: 'PyPI', poetry: 'PyPI', uv: 'PyPI', 'python-pkg': 'PyPI' },
  ...{ jar: 'Maven', pom: 'Maven', gradle: 'Maven', bundler: 'RubyGems', gemspec: 'RubyGems' },
  ...{ composer: 'Packagist', nuget: 'NuGet', 'dotnet-core': 'NuGet', pub: 'Pub', hex: 'Hex' },
};
/** What is listed and not claimed to be affected. */
const NOT_CLAIMED = new Set(['not_affected', 'under_investigation']);

/** @see https://trivy.dev/latest/docs/configuration/reporting/#json */
export const trivy: Format = {
  title: 'Trivy',
  is: (value) =>
    'ArtifactName' in value && ('Results' in value || typeof value['SchemaVersion'] === 'number'),
  parse(value, options) {
    const version = asText(asObject(value['Trivy'])['Version'], 40);
    return recordReport(
      {
        format: 'trivy',
        scanner: version === null ? 'Trivy' : `Trivy ${version}`,
        target: asText(value['ArtifactName'], 200),
        at: asTime(value['CreatedAt']),
        findings: asArray(value['Results']).flatMap((result, index) =>
          findingsIn(asObject(result), `Results.${index}`),
        ),
      },
      options,
    );
  },
  notRead(value) {
    const results = objectsOf(value['Results']);
    const told = [
      ['Misconfigurations', 'misconfigurations'],
      ['Secrets', 'secrets'],
      ['Licenses', 'licences'],
      ['Packages', 'packages: submit an SBOM instead'],
      ['ExperimentalModifiedFindings', 'findings that were suppressed'],
    ] as const;
    return told.flatMap(([name, what]) => {
      const count = results.reduce((sum, result) => sum + asArray(result[name]).length, 0);
      return count === 0 ? [] : [`${count} ${what}`];
    });
  },
};

function findingsIn(result: JsonObject, path: string): Finding[] {
  const ecosystem = entryOf(ECOSYSTEMS, asText(result['Type']) ?? '') ?? null;
  return asArray(result['Vulnerabilities']).flatMap((entry, index): Finding[] => {
    const found = asObject(entry);
    if (NOT_CLAIMED.has(asText(found['Status']) ?? '')) return [];
    const [name, version] = [asText(found['PkgName']), asText(found['InstalledVersion'])];
    const purl = asText(asObject(found['PkgIdentifier'])['PURL']);
    return [
      {
        path: `${path}.Vulnerabilities.${index}`,
        vulnerability: asText(found['VulnerabilityID']),
        name: `${name} ${version}`,
        reference: versionByPurl(purl, version) ?? versionByName(ecosystem, name, version),
      },
    ];
  });
}
