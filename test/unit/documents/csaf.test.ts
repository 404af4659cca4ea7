import { describe, expect, test } from '@jest/globals';
import { parseConcern, type ConcernStatus } from '../../../src/model/concern.ts';
import { DIGEST, dsse, fixture, keysOf, nodeOf, parse, refusalOf, statement } from './reading.ts';

type Helper = Record<string, unknown>;
const product = (id: string, helper: Helper = {}) => ({
  ...{ product_id: id, name: `Product ${id}` },
  ...(Object.keys(helper).length === 0 ? {} : { product_identification_helper: helper }),
});
const component = (part: string, whole: string, category = 'default_component_of') => ({
  ...{ category, product_reference: part, relates_to_product_reference: whole },
  full_product_name: { name: `${part} in ${whole}`, product_id: `${whole}:${part}` },
});
const NPM = product('npm', { purl: 'pkg:npm/lib@1.2.3' });
const RPM = product('rpm', { purl: 'pkg:rpm/redhat/lib@1.2-3.el9?arch=x86_64' });
const IMAGE = product('image', { purl: `pkg:oci/app@sha256%3A${DIGEST}` });
const CPE = product('cpe', { cpe: 'cpe:/o:redhat:enterprise_linux:9' });

function csaf(
  status: Record<string, readonly string[]>,
  {
    products = [NPM, RPM, IMAGE, CPE] as readonly object[],
    relationships = [] as readonly object[],
    branches = [] as readonly object[],
    tracking = {},
    vulnerability = {},
    version = '2.0',
  } = {},
) {
  return {
    document: {
      ...{ category: 'csaf_vex', csaf_version: version, title: 'It' },
      publisher: { category: 'vendor', name: 'A vendor', namespace: 'https://vendor.example' },
      tracking: {
        ...{ id: 'V-1', status: 'final', version: '1', revision_history: [] },
        ...{ current_release_date: '2026-05-01T00:00:00Z', ...tracking },
      },
    },
    product_tree: { full_product_names: products, relationships, branches },
    vulnerabilities: [{ cve: 'CVE-2026-1', product_status: status, ...vulnerability }],
  };
}

/** `status thing [in range] [within container]`, sorted. */
function said(document: object): string[] {
  const { changes } = parse(document);
  const lines = changes.edges
    .filter(({ type }) => type === 'CONCERNS')
    .flatMap(({ to, properties }) =>
      (properties?.['concerns'] as string[]).map((text) => {
        const { status, purl, range, within } = parseConcern(text)!;
        const about = purl ?? to.key.replace(/^[0-9a-f]{64}#/, '#');
        return `${status} ${about}${range === null ? '' : ` in ${range}`}${within === null ? '' : ` within ${within}`}`;
      }),
    );
  return lines.sort();
}
const CLEARING: readonly ConcernStatus[] = ['not_affected', 'fixed'];
const clearedBy = (document: object) =>
  said(document).filter((line) => CLEARING.some((status) => line.startsWith(`${status} `)));
const warnings = (document: object) => parse(document).warnings.map(({ message }) => message);

describe('a product that is known by its package URL', () => {
  test.each([
    ['known_affected', ['found', 'open', 'vex_affected']],
    ['first_affected', ['found', 'open', 'vex_affected']],
    ['last_affected', ['found', 'open', 'vex_affected']],
    ['fixed', ['fixed', 'open']],
    ['first_fixed', ['fixed', 'open']],
    ['known_not_affected', ['not_affected']],
    ['under_investigation', ['open', 'under_investigation']],
    ['unknown', ['open', 'under_investigation']],
    ['recommended', []],
  ])('%s says %j', (status, expected) => {
    expect(said(csaf({ [status]: ['npm'] })).map((line) => line.split(' ')[0])).toEqual(expected);
  });

  test('leaves open what is below the fixed version, and where nothing is fixed, every other version', () => {
    expect(said(csaf({ fixed: ['npm'] }))).toContain('open pkg:npm/lib in vers:npm/<1.2.3');
    expect(said(csaf({ known_affected: ['npm'] }))).toContain('open pkg:npm/lib');
    const older = product('older', { purl: 'pkg:npm/lib@1.0.0' });
    const both = csaf({ known_affected: ['older'], fixed: ['npm'] }, { products: [NPM, older] });
    // versions are told apart: it is stated which are affected
    expect(said(both)).not.toContain('unknown pkg:npm/lib');
    expect(said(both)).toContain('affected pkg:npm/lib@1.0.0');
  });

  test('of which two things are said is not cleared', () => {
    for (const bad of ['known_affected', 'under_investigation']) {
      const document = csaf({ known_not_affected: ['npm'], [bad]: ['npm'] });
      expect(clearedBy(document)).toEqual([]);
      expect(warnings(document)).toContainEqual(expect.stringMatching(/the worse counts/));
    }
  });

  test('takes its version from the branch that names it', () => {
    const of = (category: string, name: string, status = 'known_not_affected') =>
      csaf(
        { [status]: ['p'] },
        {
          products: [],
          branches: [
            {
              ...{ category: 'vendor', name: 'A vendor' },
              branches: [{ category, name, product: product('p', { purl: 'pkg:npm/lib' }) }],
            },
          ],
        },
      );
    expect(said(of('product_version', '4.2.0'))).toEqual(['not_affected pkg:npm/lib@4.2.0']);
    expect(said(of('product_version_range', 'vers:npm/<4.2.0'))).toEqual([
      'not_affected pkg:npm/lib in vers:npm/<4.2.0',
    ]);
    expect(said(of('product_version_range', '<4.2'))).toEqual([]);
    expect(said(of('product_version', 'the second release'))).toEqual([]);
    expect(said(of('product_version_range', '<4.2', 'known_affected'))).toContain(
      'found pkg:npm/lib',
    );
    expect(said(of('product_name', 'lib'))).toEqual(['not_affected pkg:npm/lib']);
  });

  test('and by a digest is cleared by its bytes alone', () => {
    const hashes = [
      {
        file_hashes: [
          { algorithm: 'sha1', value: '1'.repeat(40) },
          { algorithm: 'sha256', value: DIGEST },
        ],
        filename: 'lib.tgz',
      },
    ];
    const both = product('both', { purl: 'pkg:npm/lib@1.2.3', hashes });
    expect(said(csaf({ known_not_affected: ['both'] }, { products: [both] }))).toEqual([
      `not_affected sha256:${DIGEST}`,
    ]);
    expect(said(csaf({ known_affected: ['both'] }, { products: [both] }))).toEqual(
      expect.arrayContaining(['found pkg:npm/lib@1.2.3', `found sha256:${DIGEST}`]),
    );
  });

  test('that a document defines twice, as two things, is not cleared', () => {
    const document = csaf(
      { known_not_affected: ['npm'] },
      { products: [NPM, product('npm', { purl: 'pkg:npm/other@1.0.0' })] },
    );
    expect(clearedBy(document)).toEqual([]);
    expect(warnings(document)).toContainEqual(expect.stringMatching(/defined twice/));
  });

  test('of 2.1 has several', () => {
    const purls = ['pkg:npm/a@1.0.0', 'pkg:npm/b@1.0.0'];
    const document = csaf(
      { known_not_affected: ['p'] },
      { products: [product('p', { purls })], version: '2.1' },
    );
    expect(said(document)).toEqual(purls.map((purl) => `not_affected ${purl}`));
  });
});

describe('a product that is known by name or CPE alone', () => {
  test.each(['known_affected', 'first_affected'])(
    '%s leaves everything open, and is named',
    (status) => {
      const document = csaf({ [status]: ['cpe', 'nowhere'] });
      expect(said(document)).toEqual(['affected #vulnerabilities.0']);
      expect(warnings(document)).toEqual([
        "'vulnerabilities.0' affects 'Product cpe', 'nowhere', known by name or CPE alone: whether you have it is not known.",
      ]);
    },
  );

  test.each(['known_not_affected', 'fixed'])('%s clears nothing, and is named', (status) => {
    const document = csaf({ [status]: ['cpe'] });
    expect(said(document)).toEqual([]);
    expect(warnings(document)).toContainEqual(
      expect.stringMatching(/clears 'Product cpe': nothing is cleared of it here/),
    );
  });

  test('under investigation is named', () => {
    expect(warnings(csaf({ under_investigation: ['cpe'] }))).toContainEqual(
      expect.stringMatching(/investigates 'Product cpe'/),
    );
  });
});

describe('a part of a product', () => {
  const relationships = [
    component('npm', 'image'),
    component('npm', 'cpe'),
    component('rpm', 'cpe'),
    component('cpe', 'image'),
    { ...component('image:npm', 'cpe') },
  ];
  const of = (status: string, id: string, vulnerability: object = {}) =>
    csaf({ [status]: [id] }, { relationships, vulnerability });

  test('is cleared inside of the product, and affected wherever it is', () => {
    const within = `within Artifact:sha256:${DIGEST}`;
    expect(said(of('known_not_affected', 'image:npm'))).toEqual([
      `not_affected pkg:npm/lib@1.2.3 ${within}`,
    ]);
    expect(clearedBy(of('fixed', 'image:npm'))).toEqual([`fixed pkg:npm/lib@1.2.3 ${within}`]);
    expect(said(of('known_affected', 'image:npm'))).toEqual(
      expect.arrayContaining([
        'found pkg:npm/lib@1.2.3',
        `vex_affected pkg:npm/lib@1.2.3 ${within}`,
      ]),
    );
  });

  test('of a product that nobody can name is cleared only by a fact about its bytes', () => {
    expect(clearedBy(of('fixed', 'cpe:npm'))).toEqual([]);
    expect(clearedBy(of('fixed', 'cpe:rpm'))).toHaveLength(1);
    expect(clearedBy(of('known_not_affected', 'cpe:rpm'))).toEqual([]);
    const flagged = (label: string) =>
      clearedBy(
        of('known_not_affected', 'cpe:rpm', { flags: [{ label, product_ids: ['cpe:rpm'] }] }),
      );
    expect(flagged('vulnerable_code_not_present')).toHaveLength(1);
    expect(flagged('vulnerable_code_not_in_execute_path')).toEqual([]);
    expect(clearedBy(of('fixed', 'cpe:image:npm'))).toEqual([]);
  });

  test('that nobody can name makes what it is part of affected, and clears nothing', () => {
    expect(said(of('known_affected', 'image:cpe'))).toContain(`found sha256:${DIGEST}`);
    expect(said(of('known_not_affected', 'image:cpe'))).toEqual([]);
  });

  test('of itself is nothing', () => {
    const loop = csaf({ fixed: ['x:x'] }, { relationships: [component('x:x', 'x')] });
    expect(said({ ...loop })).toEqual([]);
    const self = { ...component('a', 'b'), product_reference: 'b:a' };
    expect(said(csaf({ fixed: ['b:a'] }, { relationships: [self] }))).toEqual([]);
  });
});

test('why is the flag, else the impact, by product or by group', () => {
  const document = csaf(
    { known_not_affected: ['npm', 'rpm'] },
    {
      vulnerability: {
        flags: [{ label: 'component_not_present', product_ids: ['npm'] }],
        threats: [{ category: 'impact', details: 'Not built in.', group_ids: ['g'] }],
      },
    },
  );
  const grouped = {
    ...document,
    product_tree: {
      ...document.product_tree,
      product_groups: [{ group_id: 'g', product_ids: ['npm', 'rpm'] }],
    },
  };
  const reasons = parse(grouped).changes.edges.flatMap(({ type, properties }) =>
    type === 'CONCERNS'
      ? (properties?.['concerns'] as string[]).map((text) => parseConcern(text)?.justification)
      : [],
  );
  expect(reasons.sort()).toEqual(['Not built in.', 'component_not_present']);
});

describe('a document', () => {
  const serial = (tracking: object) => {
    const facets = nodeOf(
      parse(csaf({ fixed: ['npm'] }, { tracking })).changes,
      'Document',
    )?.facets;
    return (facets as { serial?: { bomVersion: number } }).serial ?? null;
  };

  test('is a version of the one with its id and namespace', () => {
    expect(serial({ version: '3' })).toEqual({
      ...{ serialNumber: 'csaf:https://vendor.example/v-1', bomVersion: 3 },
    });
    expect(serial({ version: '1.2.3' })?.bomVersion).toBe(1_002_003);
    expect(
      serial({ version: '1', revision_history: [{ number: '1' }, { number: '2' }] })?.bomVersion,
    ).toBe(2);
    for (const version of ['latest', '', '99999.0.0', '1.2.3-draft'])
      expect(serial({ version })).toBeNull();
  });

  test('that is a draft replaces nothing and clears nothing', () => {
    const draft = csaf(
      { fixed: ['npm'], known_affected: ['rpm'] },
      { tracking: { status: 'draft' } },
    );
    expect(serial({ status: 'draft' })).toBeNull();
    expect(clearedBy(draft)).toEqual([]);
    expect(said(draft)).toContain('found pkg:rpm/redhat/lib@1.2-3.el9?arch=x86_64');
    expect(warnings(draft)).toContainEqual(expect.stringMatching(/is a draft/));
    expect(clearedBy(csaf({ fixed: ['npm'] }, { tracking: { status: 'interim' } }))).toHaveLength(
      1,
    );
  });

  test('knows a vulnerability by its CVE, and by ids that mean the same everywhere', () => {
    const ids = [
      { system_name: 'Red Hat Bugzilla ID', text: '2158081' },
      { system_name: 'GitHub', text: 'GHSA-75v8-2h7p-7m2m' },
      { system_name: 'Debian', text: 'DSA-1-1' },
    ];
    const names = (vulnerability: object) =>
      keysOf(parse(csaf({ fixed: ['npm'] }, { vulnerability })).changes, 'Vulnerability');
    expect(names({ ids })).toEqual(['CVE-2026-1', 'GHSA-75v8-2h7p-7m2m']);
    expect(names({ cve: undefined, ids })).toEqual(['GHSA-75v8-2h7p-7m2m']);
    expect(names({ cve: undefined, ids: ids.slice(0, 1) })).toEqual([
      'Red Hat Bugzilla ID 2158081',
    ]);
    expect(names({ cve: undefined })).toEqual([]);
  });

  test('keeps the highest score', () => {
    const scores = [
      { cvss_v3: { baseScore: 5.3, baseSeverity: 'MEDIUM' }, products: [] },
      { cvss_v3: { baseScore: 9.8, baseSeverity: 'CRITICAL' }, products: [] },
    ];
    const { changes } = parse(csaf({}, { vulnerability: { scores } }));
    expect(nodeOf(changes, 'Vulnerability')?.facets).toEqual({
      summary: { severity: 'critical', score: 9.8 },
    });
  });

  test('without vulnerabilities says nothing', () => {
    const { changes } = parse({ ...csaf({}), vulnerabilities: undefined });
    expect(keysOf(changes, 'Vulnerability')).toEqual([]);
  });

  test('is read in an attestation', () => {
    const predicateType = 'https://docs.oasis-open.org/csaf/csaf/v2.0/csaf_json_schema.json';
    const attested = parse(dsse(statement({ predicateType, predicate: csaf({ fixed: ['npm'] }) })));
    expect(attested.format).toContain('csaf-2.0');
    expect(keysOf(attested.changes, 'Vulnerability')).toEqual(['CVE-2026-1']);
  });

  test.each([
    [
      csaf({}, { version: '1.2' }),
      /UNSUPPORTED: .*'csaf_version' is '1.2'; this service reads CSAF 2.0 and 2.1/,
    ],
    [csaf({}, { tracking: { current_release_date: 'May' } }), /MALFORMED: .*current_release_date/],
    [
      { ...csaf({}), vulnerabilities: {} },
      /MALFORMED: 'vulnerabilities' of the CSAF document must be an array/,
    ],
  ])('is refused where it cannot be known what it says', (document, message) => {
    expect(refusalOf(document)).toMatch(message);
  });

  test('with a status that is not known clears nothing of its products', () => {
    const document = csaf({ known_not_affected: ['npm'], perhaps_affected: ['npm'] });
    expect(clearedBy(document)).toEqual([]);
    expect(warnings(document)).toContainEqual(expect.stringMatching(/perhaps_affected/));
  });
});

test.each(['csaf/red-hat-fixed.json', 'csaf/example-2.1.json', 'csaf/purl-component.json'])(
  '%s of another project is read',
  (name) => {
    const { format, changes } = parse(fixture(name));
    expect(format).toMatch(/^csaf-2\.[01]$/);
    expect(keysOf(changes, 'Vulnerability').length).toBeGreaterThan(0);
  },
);
