import { entryOf } from '../../../model/table.ts';
import { asArray, clip, malformed, type JsonObject } from '../../json.ts';
import type { Warnings } from '../../warnings.ts';

type Member = Record<string, unknown>;
type Kind = 'document' | 'package' | 'file' | 'snippet' | 'licence' | 'relationship' | 'annotation';

/** One value, over several lines where it is `<text>`. */
type Line = { readonly number: number; readonly tag: string; readonly value: string };

/** Tags that begin an element, and the list of the JSON form that it is in. */
const BEGINS: Readonly<Record<string, readonly [kind: Kind, list: string]>> = {
  PackageName: ['package', 'packages'],
  FileName: ['file', 'files'],
  SnippetSPDXID: ['snippet', 'snippets'],
  SnippetSPDXIdentifier: ['snippet', 'snippets'],
  LicenseID: ['licence', 'hasExtractedLicensingInfos'],
  Relationship: ['relationship', 'relationships'],
  Annotator: ['annotation', 'annotations'],
  // reviews are annotations since 2.1
  Reviewer: ['annotation', 'annotations'],
};

/** Tags with one value → members of the JSON form. */
const TEXTS: Readonly<Record<string, readonly [kind: Kind, member: string]>> = {
  SPDXVersion: ['document', 'spdxVersion'],
  DataLicense: ['document', 'dataLicense'],
  DocumentName: ['document', 'name'],
  DocumentNamespace: ['document', 'documentNamespace'],
  DocumentComment: ['document', 'comment'],
  LicenseListVersion: ['document', 'licenseListVersion'],
  Created: ['document', 'created'],
  CreatorComment: ['document', 'creatorComment'],
  PackageName: ['package', 'name'],
  PackageVersion: ['package', 'versionInfo'],
  PackageFileName: ['package', 'packageFileName'],
  PackageSupplier: ['package', 'supplier'],
  PackageOriginator: ['package', 'originator'],
  PackageDownloadLocation: ['package', 'downloadLocation'],
  FilesAnalyzed: ['package', 'filesAnalyzed'],
  PackageVerificationCode: ['package', 'packageVerificationCode'],
  PackageHomePage: ['package', 'homepage'],
  PackageSourceInfo: ['package', 'sourceInfo'],
  PackageLicenseConcluded: ['package', 'licenseConcluded'],
  PackageLicenseDeclared: ['package', 'licenseDeclared'],
  PackageLicenseComments: ['package', 'licenseComments'],
  PackageCopyrightText: ['package', 'copyrightText'],
  PackageSummary: ['package', 'summary'],
  PackageDescription: ['package', 'description'],
  PackageComment: ['package', 'comment'],
  PrimaryPackagePurpose: ['package', 'primaryPackagePurpose'],
  ReleaseDate: ['package', 'releaseDate'],
  BuiltDate: ['package', 'builtDate'],
  ValidUntilDate: ['package', 'validUntilDate'],
  FileName: ['file', 'fileName'],
  LicenseConcluded: ['file', 'licenseConcluded'],
  LicenseComments: ['file', 'licenseComments'],
  FileCopyrightText: ['file', 'copyrightText'],
  FileComment: ['file', 'comment'],
  FileNotice: ['file', 'noticeText'],
  SnippetSPDXID: ['snippet', 'SPDXID'],
  SnippetSPDXIdentifier: ['snippet', 'SPDXID'],
  SnippetFromFileSPDXID: ['snippet', 'snippetFromFile'],
  SnippetByteRange: ['snippet', 'byteRange'],
  SnippetLineRange: ['snippet', 'lineRange'],
  SnippetLicenseConcluded: ['snippet', 'licenseConcluded'],
  SnippetLicenseComments: ['snippet', 'licenseComments'],
  SnippetCopyrightText: ['snippet', 'copyrightText'],
  SnippetComment: ['snippet', 'comment'],
  SnippetName: ['snippet', 'name'],
  LicenseID: ['licence', 'licenseId'],
  ExtractedText: ['licence', 'extractedText'],
  LicenseName: ['licence', 'name'],
  LicenseComment: ['licence', 'comment'],
  RelationshipComment: ['relationship', 'comment'],
  Annotator: ['annotation', 'annotator'],
  AnnotationDate: ['annotation', 'annotationDate'],
  AnnotationType: ['annotation', 'annotationType'],
  AnnotationComment: ['annotation', 'comment'],
  SPDXREF: ['annotation', 'spdxElementId'],
  Reviewer: ['annotation', 'annotator'],
  ReviewDate: ['annotation', 'annotationDate'],
  ReviewComment: ['annotation', 'comment'],
};

/** Tags that may stand several times. */
const LISTS: Readonly<Record<string, readonly [kind: Kind, member: string]>> = {
  Creator: ['document', 'creators'],
  ExternalDocumentRef: ['document', 'externalDocumentRefs'],
  PackageLicenseInfoFromFiles: ['package', 'licenseInfoFromFiles'],
  PackageAttributionText: ['package', 'attributionTexts'],
  PackageChecksum: ['package', 'checksums'],
  ExternalRef: ['package', 'externalRefs'],
  FileType: ['file', 'fileTypes'],
  FileChecksum: ['file', 'checksums'],
  LicenseInfoInFile: ['file', 'licenseInfoInFiles'],
  FileContributor: ['file', 'fileContributors'],
  FileAttributionText: ['file', 'attributionTexts'],
  FileDependency: ['file', 'fileDependencies'],
  ArtifactOfProjectName: ['file', 'artifactOf'],
  ArtifactOfProjectHomePage: ['file', 'artifactOf'],
  ArtifactOfProjectURI: ['file', 'artifactOf'],
  LicenseInfoInSnippet: ['snippet', 'licenseInfoInSnippets'],
  SnippetAttributionText: ['snippet', 'attributionTexts'],
  LicenseCrossReference: ['licence', 'seeAlsos'],
};

/** Values that have parts. Null where they are written in another way. */
const PARTS: Readonly<Record<string, (value: string) => JsonObject | null>> = {
  PackageChecksum: checksumOf,
  FileChecksum: checksumOf,
  ExternalRef(value) {
    const [, category, type, locator] = /^(\S+)\s+(\S+)\s+(\S.*)$/s.exec(value) ?? [];
    if (locator === undefined) return null;
    return {
      ...{ referenceCategory: category, referenceType: type, referenceLocator: locator.trim() },
    };
  },
  ExternalDocumentRef(value) {
    const [, id, document] = /^(\S+)\s+(\S+)/.exec(value) ?? [];
    return document === undefined ? null : { externalDocumentId: id, spdxDocument: document };
  },
  Relationship(value) {
    const [, from, type, to] = /^(\S+)\s+(\S+)\s+(\S+)$/.exec(value) ?? [];
    if (to === undefined) return null;
    return { spdxElementId: from, relationshipType: type, relatedSpdxElement: to };
  },
};

/** An SPDX 2 document as tags and values: the version is its first tag, or near it. */
export function isTagValue(text: string): boolean {
  return /^(?:[ \t]*(?:#.*)?\r?\n|[A-Z][A-Za-z]*:.*\r?\n){0,50}?SPDXVersion:[ \t]*(?:<text>)?[ \t]*SPDX-/.test(
    text.slice(0, 20_000).replace(/^\uFEFF/, ''),
  );
}

/**
 * The JSON form of an SPDX 2 document that is written as tags and values. A line that cannot be read is named, and leaves open what
 * else there is: nothing is cleared by the document then.
 *
 * @throws StemmaError DOCUMENT_MALFORMED where a text has no end, so that nobody knows what belongs to it
 * @see https://spdx.github.io/spdx-spec/v2.3/conformance/#44-standard-data-format-requirements
 */
export function parseTagValue(text: string, warnings: Warnings): JsonObject {
  const document: Member = {};
  const current = new Map<Kind, Member>([['document', document]]);
  let last: Kind = 'document';
  const unread: number[] = [];
  const odd = (number: number, message: string): void => {
    unread.push(number);
    warnings.add(`line ${number}`, `Line ${number} ${message}: it is left out.`);
  };
  for (const { number, tag, value } of linesOf(text, odd)) {
    const begins = entryOf(BEGINS, tag);
    const parts = entryOf(PARTS, tag)?.(value);
    if (parts === null) {
      odd(number, `has a '${tag}' that cannot be read ('${clip(value, 80)}')`);
      continue;
    }
    if (begins !== undefined) {
      const [kind, list] = begins;
      const element: Member = { ...parts };
      push(document, list, element);
      current.set(kind, element);
      // what belongs to files and snippets of an earlier package does not belong to this one
      if (kind === 'package') for (const one of ['file', 'snippet'] as const) current.delete(one);
      last = kind === 'relationship' || kind === 'annotation' ? last : kind;
    }
    if (tag === 'SPDXID' || tag === 'ExternalRefComment') {
      const owner = current.get(tag === 'SPDXID' ? last : 'package');
      const of = tag === 'SPDXID' ? owner : asArray(owner?.['externalRefs']).at(-1);
      const member = tag === 'SPDXID' ? 'SPDXID' : 'comment';
      if (of === undefined || member in (of as Member)) odd(number, `has a '${tag}' of nothing`);
      else (of as Member)[member] = value;
      continue;
    }
    const [kind, member] = entryOf(TEXTS, tag) ?? entryOf(LISTS, tag) ?? [];
    if (kind === undefined || member === undefined) {
      if (begins === undefined)
        odd(number, `has the tag '${clip(tag, 60)}', which SPDX 2.3 does not have`);
      continue;
    }
    const owner = current.get(kind);
    if (owner === undefined) {
      odd(number, `has a '${tag}' where no ${kind} has begun`);
    } else if (tag in LISTS) push(owner, member, parts ?? value);
    else if (member in owner) odd(number, `has a second '${tag}' of one ${kind}`);
    else owner[member] = value;
  }
  if (unread.length > 0) {
    const root = { spdxElementId: document['SPDXID'] ?? 'SPDXRef-DOCUMENT' };
    const rest = { relationshipType: 'CONTAINS', relatedSpdxElement: 'NOASSERTION' };
    push(document, 'relationships', { ...root, ...rest });
  }
  const { created, creators, creatorComment, ...rest } = document;
  return { ...rest, creationInfo: { created, creators, comment: creatorComment } };
}

function* linesOf(
  text: string,
  odd: (number: number, message: string) => void,
): Generator<Line, void, undefined> {
  const lines = text.replace(/^\uFEFF/, '').split(/\r\n|\n|\r/);
  for (let index = 0; index < lines.length; index += 1) {
    const line = lines[index] ?? '';
    const number = index + 1;
    if (/^\s*(?:#|$)/.test(line)) continue;
    const [, tag, first = ''] = /^\s*([A-Za-z][\w-]*)\s*:(.*)$/.exec(line) ?? [];
    if (tag === undefined) {
      odd(number, `('${clip(line.trim(), 60)}') is not a tag with a value`);
      continue;
    }
    if (!first.trimStart().startsWith('<text>')) {
      yield { number, tag, value: first.trim() };
      continue;
    }
    const parts = [first.trimStart().slice('<text>'.length)];
    while (!(parts.at(-1) ?? '').includes('</text>')) {
      index += 1;
      const next = lines[index];
      if (next === undefined) {
        throw malformed(`The <text> of '${tag}' that begins in line ${number} has no end.`);
      }
      parts.push(next);
    }
    const value = parts.join('\n');
    yield { number, tag, value: value.slice(0, value.indexOf('</text>')) };
  }
}

/** `SHA256: 11b6d3ee…` */
function checksumOf(value: string): JsonObject | null {
  const [, algorithm, checksumValue] = /^([\w-]+)\s*:\s*(\S+)$/.exec(value) ?? [];
  return algorithm === undefined ? null : { algorithm, checksumValue };
}

function push(owner: Member, name: string, value: unknown): void {
  const known = owner[name];
  if (Array.isArray(known)) known.push(value);
  else owner[name] = [value];
}
