/**
 * Version of the rules by which events and documents become a graph. It goes up whenever a reader or a handler says something else
 * of the same bytes than it did in a released version; docs/decisions/0009-rules-version.md says what that sets off.
 *
 * - 1: everything before versions were kept
 * - 2: identity, packages, vendors and liveness as people's documents have them (issue 9)
 * - 3: package URLs by ECMA-427, conflicts of digests, keys of repositories and runs on any host, versions of SBOMs, commits' parents at
 *   every time (issue 9)
 * - 4: the images of an index in CycloneDX; packages of distributions whose sources an SBOM does not name (issue 9); what of a document
 *   is too long for an index is left out by itself, with a warning (issue 17); contradictions over several
 *   documents, and builds that name a package version of several files (issue 9)
 * - 5: names of packages, repositories and runs in further spellings, an SBOM of a package that is attested on an image, findings that
 *   OpenVEX and CycloneDX state (issue 9); SPDX as tags and values, CycloneDX in XML, CSAF and YAML in the predicates of attestations, of which only the subjects were known (issue 11)
 * - 6: reports of scanners in the predicates of attestations, of which only the subjects were known (issue 9);
 *   what an event of a registered type is about, by its attribute `subject` (issue 14); what nobody says to be a direct dependency is not one
 * - 7: scores and severities of vulnerabilities that only a CVSS vector, or Ubuntu in a word, tells (issue 11)
 */
export const RULES_VERSION = 7;

/**
 * What an operator should know of a graph whose oldest part was written under the rules `stored`; null where these are the rules
 * of this program.
 */
export function rulesNotice(stored: number, current = RULES_VERSION): string | null {
  if (stored === current) return null;
  return stored < current
    ? `The graph was written under rules ${stored}, this program has rules ${current}: run stemma rebuild.`
    : `The graph was written under rules ${stored}, this program only knows rules up to ${current}: update the program.`;
}
