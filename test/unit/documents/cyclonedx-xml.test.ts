import { describe, expect, test } from '@jest/globals';
import {
  dsse,
  edgesOf,
  fixture,
  keysOf,
  nodeOf,
  parse,
  refusalOf,
  statement,
  DIGEST,
} from './reading.ts';

const HASH = 'd'.repeat(64);
const NAMESPACE = 'http://cyclonedx.org/schema/bom/1.6';
const BODY = `
  <metadata>
    <timestamp>2026-05-01T00:00:00Z</timestamp>
    <component type="container" bom-ref="root"><name>app</name><version>1</version>
      <hashes><hash alg="SHA-256">${HASH}</hash></hashes></component>
  </metadata>
  <components>
    <component type="library" bom-ref="a"><group>g</group><name>a</name><version>1.10</version>
      <purl>pkg:npm/a@1.10.0?x=1&amp;y=2</purl>
      <components><component type="library" bom-ref="b"><name>b</name><purl><![CDATA[pkg:npm/b@2.0.0]]></purl></component></components>
    </component>
    <component type="library" bom-ref="c"><name>c</name><scope>excluded</scope><purl>pkg:npm/c@3.0.0</purl></component>
  </components>
  <dependencies>
    <dependency ref="root"><dependency ref="a"/></dependency>
    <dependency ref="a"><dependency ref="b"/></dependency>
    <dependency ref="b"/>
  </dependencies>
  <compositions><composition><aggregate>complete</aggregate><assemblies><assembly ref="root"/></assemblies></composition></compositions>
  <vulnerabilities><vulnerability bom-ref="v"><id>CVE-2026-1</id>
    <ratings><rating><score>9.8</score><severity>critical</severity></rating></ratings>
    <analysis><state>not_affected</state><justification>code_not_reachable</justification></analysis>
    <affects><target><ref>b</ref></target></affects></vulnerability></vulnerabilities>`;
const xml = (body = BODY, namespace = NAMESPACE) =>
  `<?xml version="1.0" encoding="UTF-8"?>\n<bom xmlns="${namespace}" serialNumber="urn:uuid:3e671687-395b-41f5-a30f-a58921a69b79" version="2">${body}\n</bom>\n`;
const JSON_FORM = {
  ...{ bomFormat: 'CycloneDX', specVersion: '1.6', version: 2 },
  serialNumber: 'urn:uuid:3e671687-395b-41f5-a30f-a58921a69b79',
  metadata: {
    timestamp: '2026-05-01T00:00:00Z',
    component: {
      ...{ type: 'container', 'bom-ref': 'root', name: 'app', version: '1' },
      hashes: [{ alg: 'SHA-256', content: HASH }],
    },
  },
  components: [
    {
      ...{ type: 'library', 'bom-ref': 'a', group: 'g', name: 'a', version: '1.10' },
      purl: 'pkg:npm/a@1.10.0?x=1&y=2',
      components: [{ type: 'library', 'bom-ref': 'b', name: 'b', purl: 'pkg:npm/b@2.0.0' }],
    },
    { type: 'library', 'bom-ref': 'c', name: 'c', scope: 'excluded', purl: 'pkg:npm/c@3.0.0' },
  ],
  dependencies: [{ ref: 'root', dependsOn: ['a'] }, { ref: 'a', dependsOn: ['b'] }, { ref: 'b' }],
  compositions: [{ aggregate: 'complete', assemblies: ['root'] }],
  vulnerabilities: [
    {
      ...{ 'bom-ref': 'v', id: 'CVE-2026-1' },
      ratings: [{ score: 9.8, severity: 'critical' }],
      analysis: { state: 'not_affected', justification: 'code_not_reachable' },
      affects: [{ ref: 'b' }],
    },
  ],
};

describe('a CycloneDX document in XML', () => {
  const prefixed = xml()
    .replace('xmlns=', 'xmlns:b=')
    .replace(/<(\/?)([a-z])/g, '<$1b:$2');

  test.each([
    ['with the default namespace', xml()],
    ['with a prefix', prefixed],
    [
      'with signatures and extensions beside',
      xml(
        `${BODY}<Signature xmlns="http://www.w3.org/2000/09/xmldsig#"><a/></Signature><ext:x xmlns:ext="urn:x"/>`,
      ),
    ],
  ])('%s says what its JSON says', (_how, text) => {
    const [one, other] = [parse(text), parse(JSON_FORM)];
    expect(one.format).toBe('cyclonedx-1.6');
    expect(one.warnings).toEqual([]);
    const withoutOwn = ({ nodes, edges }: typeof one.changes) => ({
      nodes: nodes.filter(({ label }) => label !== 'Document'),
      edges: edges.filter(({ type }) => type !== 'DESCRIBES'),
    });
    expect(withoutOwn(one.changes)).toEqual(withoutOwn(other.changes));
    const facets = { ...nodeOf(other.changes, 'Document')?.facets };
    expect(nodeOf(one.changes, 'Document')?.facets).toMatchObject({ ...facets, info: {} });
    expect(nodeOf(one.changes, 'Document')?.facets).toMatchObject({ info: { mediaType: null } });
  });

  test('as another project writes it', () => {
    const { format, changes, warnings } = parse(fixture('cyclonedx/valid-component-types-1.7.xml'));
    expect(format).toBe('cyclonedx-1.7');
    expect(warnings.filter(({ path }) => path.startsWith('components'))).toEqual([]);
    expect(keysOf(changes, 'PackageVersion').length).toBeGreaterThan(5);
  });

  test('is whole only where each component can be read', () => {
    const text = xml(
      BODY.replace('<component type="library" bom-ref="c">', '<componnent>').replace(
        '<purl>pkg:npm/c@3.0.0</purl></component>',
        '</componnent>',
      ),
    );
    expect(parse(text).warnings.map(({ message }) => message)).toEqual([
      "'components.1' must be an object and is left out.",
    ]);
    expect(nodeOf(parse(text).changes, 'Document')?.facets).toMatchObject({
      content: { complete: false },
    });
  });

  test('takes two lists of one kind as one, and believes neither of two versions', () => {
    const text = xml(
      `${BODY}<components><component type="library"><name>d</name><version>1</version><version>2</version><purl>pkg:npm/d</purl></component></components>`,
    );
    const { changes, warnings } = parse(text);
    expect(keysOf(changes, 'Package')).toContain('pkg:npm/d');
    expect(warnings.map(({ path }) => path)).toEqual(['components.2.version']);
  });

  test('says that the advisories of the old extension are not read', () => {
    const text = xml(
      BODY.replace(
        '<purl>pkg:npm/c',
        '<v:vulnerabilities xmlns:v="http://cyclonedx.org/schema/ext/vulnerability/1.0"><v:vulnerability/></v:vulnerabilities><purl>pkg:npm/c',
      ),
    );
    expect(parse(text).warnings.map(({ message }) => message)).toEqual([
      expect.stringMatching(/extension of CycloneDX 1.2, which are not read/),
    ]);
  });

  test('is read in an attestation, about its subject', () => {
    const attested = dsse(
      statement({ predicateType: 'https://cyclonedx.org/bom', predicate: { Data: xml() } }),
    );
    expect(edgesOf(parse(attested).changes, 'CONTAINS')).toContain(
      `Artifact sha256:${DIGEST} -CONTAINS-> PackageVersion pkg:npm/b@2.0.0`,
    );
  });

  test.each([
    [
      `<!DOCTYPE bom [<!ENTITY a "b">]>${xml().slice(39)}`,
      /UNSUPPORTED: The XML document has a document type/,
    ],
    [xml().replace('</components>', ''), /MALFORMED: The document is not XML: .*line/],
    [xml().replace('pkg:npm/c', '&undefined;'), /MALFORMED: The document is not XML: /],
    [xml(BODY, 'http://cyclonedx.org/schema/bom/1.1'), /UNSUPPORTED: .*'specVersion' is "1.1"/],
    [`<a xmlns="${NAMESPACE}"/>`, /UNSUPPORTED: The root of the XML document is 'a'/],
    [
      xml(`${BODY}<!--${'x'.repeat(8 * 1024 * 1024)}-->`),
      /UNSUPPORTED: The XML document has \d+ bytes; at most 8388608/,
    ],
    [
      '<html><body/></html>',
      /UNSUPPORTED: The document is XML, of which this service reads CycloneDX alone/,
    ],
    [
      xml(
        `<components>${'<component><components>'.repeat(300)}${'</components></component>'.repeat(300)}</components>`,
      ),
      /MALFORMED: The XML document is nested more than 200 deep/,
    ],
    [
      xml(`${'<a>'.repeat(100_000)}${'</a>'.repeat(100_000)}`),
      /MALFORMED: The XML document is nested more than 200 deep/,
    ],
  ])('%.60j is refused', (text, message) => {
    expect(refusalOf(text)).toMatch(message);
  });
});
