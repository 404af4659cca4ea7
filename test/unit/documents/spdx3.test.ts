import { describe, expect, it } from '@jest/globals';
import { parseDocument } from '../../../src/documents/document.ts';
import { FORMATS } from '../../../src/documents/formats/index.ts';
import { edgesOf, fixture, nodeOf, parse, refusalOf } from './reading.ts';

const CONTEXT = 'https://spdx.org/rdf/3.0.1/spdx-context.jsonld';
const IMAGE = 'b5'.repeat(32);

const id = (name: string) => `https://acme.example/spdx/${name}`;
const pkg = (name: string, more: object = {}) => ({
  ...{ type: 'software_Package', spdxId: id(name), name, creationInfo: '_:info' },
  ...{ software_packageVersion: '1.0.0', software_packageUrl: `pkg:npm/${name}@1.0.0`, ...more },
});
const ROOT = pkg('root', {
  software_packageUrl: undefined,
  software_primaryPurpose: 'container',
  verifiedUsing: [{ type: 'Hash', algorithm: 'sha256', hashValue: IMAGE }],
});
const relation = (
  from: string,
  relationshipType: string,
  to: readonly string[],
  more: object = {},
) => ({
  ...{ type: 'Relationship', spdxId: id(`${from}-${relationshipType}-${to.join('-')}`) },
  ...{ from: id(from), relationshipType, to: to.map(id), creationInfo: '_:info', ...more },
});
const BASE = [
  { type: 'CreationInfo', '@id': '_:info', created: '2026-11-01T00:00:00Z', specVersion: '3.0.1' },
  {
    type: 'SpdxDocument',
    spdxId: id('document'),
    creationInfo: '_:info',
    rootElement: [id('sbom')],
  },
  { type: 'software_Sbom', spdxId: id('sbom'), creationInfo: '_:info', rootElement: [id('root')] },
  ROOT,
];
const document = (...elements: object[]) => ({
  '@context': CONTEXT,
  '@graph': [...BASE, ...elements],
});
const isComplete = (value: unknown) =>
  (
    nodeOf(parse(value).changes, 'Document')?.facets as
      { content?: { complete?: boolean } } | undefined
  )?.content?.complete;
const contents = (value: unknown) =>
  edgesOf(parse(value).changes, 'CONTAINS').map((edge) => edge.split('-> PackageVersion ')[1]);

describe('SPDX 3', () => {
  it('is the same thing as SPDX 2: what the root element contains, and when it was said', () => {
    const value = document(pkg('a'), pkg('b'), relation('root', 'contains', ['a', 'b']));
    const { format, changes, warnings } = parse(value);
    expect([format, warnings]).toEqual(['spdx-3.0.1', []]);
    expect(changes.validFrom).toBe(Date.parse('2026-11-01T00:00:00Z'));
    expect(edgesOf(changes, 'CONTAINS')).toEqual([
      `Artifact sha256:${IMAGE} -CONTAINS-> PackageVersion pkg:npm/a@1.0.0`,
      `Artifact sha256:${IMAGE} -CONTAINS-> PackageVersion pkg:npm/b@1.0.0`,
    ]);
    expect(isComplete(value)).toBe(true);
  });

  it('knows a package by the package URL among its identifiers', () => {
    const identifier = { externalIdentifierType: 'packageUrl', identifier: 'pkg:pypi/c@2.0' };
    const c = pkg('c', { software_packageUrl: undefined, externalIdentifier: [identifier] });
    expect(contents(document(c, relation('root', 'contains', ['c'])))).toEqual(['pkg:pypi/c@2.0']);
  });

  it.each([
    ['dependsOn', { scope: 'test' }],
    ['dependsOn', { scope: 'development' }],
    ['usesTool', { scope: 'build' }],
    ['hasTest', {}],
    ['hasDocumentation', {}],
  ])('what is related by %s %j is not in the thing', (type, more) => {
    const value = document(
      pkg('a'),
      pkg('other'),
      relation('root', 'contains', ['a']),
      relation('root', type, ['other'], { type: 'LifecycleScopedRelationship', ...more }),
    );
    expect(contents(value)).toEqual(['pkg:npm/a@1.0.0']);
  });

  it.each([
    ['contains', {}],
    ['dependsOn', {}],
    ['dependsOn', { scope: 'runtime' }],
    ['hasStaticLink', { scope: 'build' }],
    ['hasProvidedDependency', {}],
  ])('what is related by %s %j is in it', (type, more) => {
    const value = document(pkg('a'), relation('root', type, ['a'], more));
    expect(contents(value)).toEqual(['pkg:npm/a@1.0.0']);
  });

  it.each([
    [
      'asserts nothing of it',
      [relation('root', 'contains', ['a'], { completeness: 'noAssertion' })],
    ],
    ['calls it incomplete', [relation('root', 'dependsOn', ['a'], { completeness: 'incomplete' })]],
    ['refers to what is not in it', [relation('root', 'contains', ['a', 'elsewhere'])]],
    [
      'ends in NoAssertionElement',
      [{ ...relation('root', 'contains', []), to: [`${CONTEXT}/terms/Core/NoAssertionElement`] }],
    ],
    ['has something that is not an element', ['text' as unknown as object]],
  ])('a list of contents that %s clears nothing', (_, elements) => {
    const value = { '@context': CONTEXT, '@graph': [...BASE, pkg('a'), ...elements] };
    const { changes } = parse(value);
    const { completeness, complete } = (
      nodeOf(changes, 'Document')?.facets as {
        content: { completeness: string | null; complete: boolean };
      }
    ).content;
    expect(completeness === 'unknown' || !complete).toBe(true);
  });

  it('a document that imports another one may have more in it', () => {
    const [info, own, ...others] = BASE;
    const graph = [info, { ...own, import: [{ externalSpdxId: 'urn:other' }] }, ...others];
    const { changes, warnings } = parse({ '@context': CONTEXT, '@graph': graph });
    expect(nodeOf(changes, 'Document')?.facets).toMatchObject({ content: { complete: false } });
    expect(warnings.map(({ path }) => path)).toContain('import');
  });

  it('a document without an inventory, such as one of the security profile alone, clears nothing', () => {
    const graph = [BASE[0], { ...BASE[1], rootElement: [id('root')] }, ROOT];
    const { changes } = parse({ '@context': CONTEXT, '@graph': graph });
    expect(nodeOf(changes, 'Document')?.facets).toMatchObject({
      content: { completeness: 'unknown' },
    });
  });

  const CVE = {
    ...{
      type: 'security_Vulnerability',
      spdxId: id('vuln'),
      summary: 'Bad.',
      creationInfo: '_:info',
    },
    externalIdentifier: [{ externalIdentifierType: 'cve', identifier: 'CVE-2026-4711' }],
  };
  const vex = (type: string, relationshipType: string, more: object = {}) => ({
    ...relation('vuln', relationshipType, ['a'], more),
    type: `security_Vex${type}VulnAssessmentRelationship`,
  });
  const concerns = (...elements: object[]) => {
    const value = document(pkg('a'), CVE, relation('root', 'contains', ['a']), ...elements);
    return parse(value).changes.edges.flatMap(({ type, properties }) =>
      type === 'CONCERNS' ? [JSON.stringify(properties)] : [],
    );
  };

  it.each([
    ['NotAffected', 'doesNotAffect', 'not_affected'],
    ['Fixed', 'fixedIn', 'fixed'],
    ['Affected', 'affects', 'vex_affected'],
    ['UnderInvestigation', 'underInvestigationFor', 'under_investigation'],
  ])('VEX %s says of a component of the product: %s', (type, relationship, status) => {
    const more = { security_justificationType: 'vulnerableCodeNotPresent' };
    const found = concerns(vex(type, relationship, more));
    expect(found.join()).toContain(status);
    expect(found.join()).toContain(`sha256:${IMAGE}`);
  });

  it('an assessment that was withdrawn says nothing', () => {
    const more = { security_withdrawnTime: '2026-11-02T00:00:00Z' };
    expect(concerns(vex('NotAffected', 'doesNotAffect', more))).toEqual([]);
  });

  it('a vulnerability that a package is associated with is found in it', () => {
    expect(concerns(relation('a', 'hasAssociatedVulnerability', ['vuln'])).join()).toContain(
      'found',
    );
  });

  it('takes the score and severity of CVSS', () => {
    const cvss = {
      ...relation('vuln', 'hasAssessmentFor', ['a']),
      ...{ type: 'security_CvssV3VulnAssessmentRelationship', security_score: 9.8 },
      security_severity: 'critical',
    };
    const { changes } = parse(document(pkg('a'), CVE, relation('root', 'contains', ['a']), cvss));
    expect(nodeOf(changes, 'Vulnerability')).toMatchObject({ key: 'CVE-2026-4711' });
    expect(JSON.stringify(nodeOf(changes, 'Vulnerability'))).toMatch(/"critical".*9\.8/);
  });

  it('reads a context that is written out, and types and ids as JSON-LD writes them', () => {
    const terms = 'https://spdx.org/rdf/3.0.1/terms';
    const a = { ...pkg('a'), type: undefined, '@type': `${terms}/Software/Package` };
    const value = {
      ...document({ ...a, spdxId: undefined, '@id': id('a') }, relation('root', 'contains', ['a'])),
      '@context': { spdx: `${terms}/` },
    };
    expect(contents(value)).toEqual(['pkg:npm/a@1.0.0']);
  });

  it('names what it does not read', () => {
    const value = document(
      { type: 'build_Build', spdxId: id('build') },
      { type: 'software_File', spdxId: id('file') },
      relation('root', 'hasConcludedLicense', ['licence']),
    );
    const format = FORMATS.find((one) => one.is(value));
    expect(format?.title).toBe('SPDX 3');
    expect(format?.notRead?.(value)).toEqual([
      'build_Build (1)',
      'software_File: single files (1)',
      "relationships 'hasConcludedLicense' (1)",
    ]);
  });

  it('refuses a graph that is not a list', () => {
    expect(refusalOf({ '@context': CONTEXT, '@graph': 'text' })).toBe(
      "DOCUMENT_MALFORMED: '@graph' of the SPDX 3 document must be a list of elements.",
    );
  });

  it.each([
    ['acme-application-3.0.json', 3],
    ['hello-dist-3.0.json', 0],
  ])('reads %s of the world', (name, components) => {
    const text = fixture(`spdx/${name}`);
    const { format, changes } = parseDocument(text, 'd5'.repeat(32), null);
    expect(format).toBe('spdx-3.0.1');
    expect(nodeOf(changes, 'Document')?.facets).toMatchObject({ content: { components } });
  });
});
