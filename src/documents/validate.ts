import { checkVersion } from './cyclonedx/bom.ts';
import { schemaProblem } from './cyclonedx/schema.ts';
import { parseDocument, recogniseDocument } from './document.ts';
import { malformed } from './json.ts';

const NO_DIGEST = '0'.repeat(64);

/**
 * Checks a document before it is taken in, more strictly than it is parsed afterwards: a CycloneDX document against the schema
 * of its version. For the intake; the first document of a version costs half a second, to compile its schema.
 *
 * @throws StemmaError DOCUMENT_MALFORMED naming the first problem and where it is, DOCUMENT_UNSUPPORTED
 */
export async function validateDocument(text: string): Promise<void> {
  const { format, value } = recogniseDocument(text);
  switch (format) {
    case 'in-toto':
      parseDocument(text, NO_DIGEST);
      return;
    case 'cyclonedx': {
      const version = checkVersion(value);
      const problem = await schemaProblem(version, value);
      if (problem !== null) {
        throw malformed(
          `The document is no valid CycloneDX ${version}: ${problem.message}.`,
          problem.path,
        );
      }
    }
  }
}
