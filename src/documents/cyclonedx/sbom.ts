import type { Changes } from '../../model/change.ts';
import { createChanges, stated } from '../changes.ts';
import { asObject, asTime, type JsonObject } from '../json.ts';
import { readBom, type Component } from './bom.ts';
import { completenessOf } from './compositions.ts';
import { recordAbout, recordComponent, recordRoot } from './component.ts';
import {
  createReferences,
  readDependencies,
  recordContents,
  recordDependencies,
} from './dependency-graph.ts';
import { recordVulnerabilities } from './vulnerability.ts';

/**
 * What a CycloneDX document says. Without a root, neither its own nor `about`, its components are known but nothing contains
 * them.
 *
 * @throws StemmaError DOCUMENT_MALFORMED, DOCUMENT_UNSUPPORTED
 */
export function parseSbom(
  value: JsonObject,
  sha256: string,
  options: { readonly size: number; readonly about: string | null },
): { format: string; changes: Changes } {
  const bom = readBom(value);
  const format = `cyclonedx-${bom.specVersion}`;
  const issuedAt = asTime(asObject(value['metadata'])['timestamp']);
  const changes = createChanges();
  const document = changes.state('Document', sha256, {
    info: {
      format,
      mediaType: `application/vnd.cyclonedx+json; version=${bom.specVersion}`,
      size: options.size,
    },
    name: stated({ name: title(bom.root) }),
    content: {
      issuedAt,
      components: bom.components.length,
      complete: true,
      completeness: completenessOf(bom),
    },
    serial: stated({
      serialNumber: bom.serialNumber?.toLowerCase() ?? null,
      bomVersion: bom.serialNumber === null ? null : bomVersion(value),
    }),
  });

  const root =
    recordAbout(changes, options.about) ??
    (bom.root === null ? null : recordRoot(changes, bom.root, sha256));
  const components = bom.components.map(
    (component) => [component, recordComponent(changes, component, sha256)] as const,
  );
  const references = createReferences(
    bom.root === null || root === null ? components : [[bom.root, root], ...components],
  );
  const dependencies = readDependencies(bom, references);
  if (root !== null) {
    changes.link('DESCRIBES', document, root.node);
    recordContents(
      changes,
      root,
      components.map(([, recorded]) => recorded),
      dependencies,
    );
  }
  recordDependencies(changes, dependencies);
  recordVulnerabilities(changes, bom, { references, sha256, root: root?.node ?? null });
  return {
    format,
    changes: changes.finish({ subject: document, claim: sha256, validFrom: issuedAt }),
  };
}

/** A document that does not number itself is the first one. */
function bomVersion({ version }: JsonObject): number {
  return typeof version === 'number' && Number.isSafeInteger(version) ? version : 1;
}

function title(root: Component | null): string | null {
  if (root?.name === undefined || root.name === null) return null;
  return root.version === null ? root.name : `${root.name} ${root.version}`;
}
