import canonicalize from 'canonicalize';
import { definedVersions, type LoggedDefinition, type Named } from '../model/definitions.ts';
import type { EventBody } from '../model/event.ts';
import type { GateDefinition } from '../model/gates.ts';
import type { WatchDefinition } from '../model/watches.ts';

/** What the log says of gates and watches. */
export type DefinitionStatements = {
  gateStatements(): Promise<LoggedDefinition<GateDefinition>[]>;
  watchStatements(): Promise<LoggedDefinition<WatchDefinition>[]>;
};

/** What an event says of a gate or a watch and has no effect, a sentence each, beside what is known of them. */
export async function definitionEffectProblems(
  { type, data }: EventBody,
  log: DefinitionStatements,
): Promise<string[]> {
  if (type === 'gate.defined') return ofDefinition('gate', data, await log.gateStatements());
  if (type === 'watch.defined') return ofDefinition('watch', data, await log.watchStatements());
  if (type === 'gate.enabled' || type === 'gate.disabled') {
    return ofSwitch('gate', data.name, await log.gateStatements());
  }
  return type === 'watch.enabled' || type === 'watch.disabled'
    ? ofSwitch('watch', data.name, await log.watchStatements())
    : [];
}

function ofDefinition<D extends Named>(
  kind: string,
  definition: D,
  statements: readonly LoggedDefinition<D>[],
): string[] {
  const { name, version } = definition;
  const versions = definedVersions(statements)
    .map((one) => one.definition)
    .filter((one) => one.name === name);
  const newest = Math.max(0, ...versions.map((one) => one.version));
  const same = versions.find((one) => one.version === version);
  if (same !== undefined && canonicalize(same) !== canonicalize(definition)) {
    return [
      `Version ${version} of the ${kind} '${name}' is defined already, and stays as it is: give this one the version ${newest + 1}.`,
    ];
  }
  return newest > version
    ? [
        `Version ${newest} of the ${kind} '${name}' is defined already, so that version ${version} never acts.`,
      ]
    : [];
}

function ofSwitch<D extends Named>(
  kind: string,
  name: string,
  statements: readonly LoggedDefinition<D>[],
): string[] {
  return definedVersions(statements).some(({ definition }) => definition.name === name)
    ? []
    : [
        `Nobody has defined the ${kind} '${name}' yet: this holds for what is defined under that name.`,
      ];
}
