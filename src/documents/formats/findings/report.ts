import { stated } from '../../../model/change.ts';
import { concernEdges, type StatedConcern } from '../../../model/concern-edges.ts';
import { parseReference, type Reference } from '../../../model/concern.ts';
import { tryParsePurl } from '../../../model/purl.ts';
import { withVersion } from '../../../model/purl-text.ts';
import { identifierProblem, keyProblem } from '../../../model/text.ts';
import { createChanges } from '../../changes.ts';
import { packageOf } from '../../ecosystems.ts';
import { clip } from '../../json.ts';
import { warningsFacet } from '../../warnings.ts';
import type { ParsedDocument, ParseOptions } from '../format.ts';

/** One thing that a scanner found. */
export type Finding = {
  /** Where in the report. */
  readonly path: string;
  readonly vulnerability: string | null;
  /** Further names of the very same vulnerability. */
  readonly aliases?: readonly string[];
  /** What was found to be affected, as the report names it, for messages. */
  readonly name: string;
  /** What it is known by; null where the report does not say which package it is. */
  readonly reference: Reference | null;
};

/** What a scanner reports of one thing that it looked at. */
export type Report = {
  /** `trivy`, `grype-0.80.0`. */
  readonly format: string;
  /** Who says so, such as `Grype 0.80.0`. */
  readonly scanner: string;
  /** What it looked at, in its own words. */
  readonly target: string | null;
  /** When, ms; null where the report does not say. */
  readonly at: number | null;
  readonly findings: readonly Finding[];
};

/**
 * What a scanner found: that what it names is affected, as it claims. It looked at one thing and lists what it knows of: of anything else,
 * and of what it did not find, it says nothing, so that a report clears nothing.
 */
export function recordReport(
  { format, scanner, target, at, findings }: Report,
  { sha256, size, warnings }: ParseOptions,
): ParsedDocument {
  const changes = createChanges(warnings);
  const found = new Map<
    string,
    { readonly concerns: StatedConcern[]; readonly aliases: Set<string> }
  >();
  for (const { path, vulnerability, aliases = [], name, reference } of findings) {
    const problem =
      vulnerability === null ? 'names no vulnerability' : identifierProblem(vulnerability);
    const key = (reference?.thing ?? reference?.package)?.key ?? '';
    if (vulnerability === null || problem !== null) {
      warnings.add(path, `'${path}' (${clip(name, 80)}): its id ${problem}: it is left out.`);
    } else if (reference === null || keyProblem(key) !== null) {
      const what = `${clip(vulnerability, 40)} in '${clip(name, 80)}'`;
      warnings.add(path, `'${path}' reports ${what}, which has no package URL: it is left out.`);
    } else {
      const known = found.get(vulnerability) ?? { concerns: [], aliases: new Set<string>() };
      found.set(vulnerability, known);
      const justification = `found by ${scanner}`;
      known.concerns.push({ reference, status: 'found', justification });
      for (const alias of aliases) known.aliases.add(alias);
    }
  }
  for (const [id, { concerns, aliases }] of found) {
    const node = changes.refer('Vulnerability', id);
    for (const alias of aliases) {
      if (alias === id || identifierProblem(alias) !== null) continue;
      changes.alias('SAME_AS', node, changes.refer('Vulnerability', alias));
    }
    changes.include(concernEdges(node, concerns));
  }
  const document = changes.state('Document', sha256, {
    info: { format, mediaType: 'application/json', size },
    name: stated({ name: clip(target === null ? scanner : `${scanner} on ${target}`, 300) }),
    content: stated({ issuedAt: at }),
    warnings: warningsFacet(warnings),
  });
  return {
    format,
    changes: changes.finish({ subject: document, claim: sha256, validFrom: at }),
    warnings: warnings.list(),
  };
}

/** A version of a package by its package URL; null where that names no version, so that every one would be meant. */
export function versionByPurl(purl: string | null, version: string | null): Reference | null {
  const parsed = tryParsePurl(purl);
  if (parsed === null) return null;
  if (parsed.version !== null || parsed.digest !== null) return parseReference(parsed.purl);
  return version === null ? null : parseReference(withVersion(parsed.purl, version));
}

/** A version of a package by its ecosystem, as OSV calls it, and its name there. */
export function versionByName(
  ecosystem: string | null,
  name: string | null,
  version: string | null,
): Reference | null {
  if (ecosystem === null || name === null || version === null) return null;
  const found = packageOf(ecosystem, name, null);
  return found?.isExact === true ? versionByPurl(found.purl.purl, version) : null;
}
