import canonicalize from 'canonicalize';
import type { EventBody } from '../model/event.ts';
import type { DefinedGate } from '../model/gates.ts';

/** What is said of gates and has no effect, a sentence each, beside what is known of them. Pure. */
export function gateEffectProblems(body: EventBody, gates: readonly DefinedGate[]): string[] {
  if (body.type === 'gate.enabled' || body.type === 'gate.disabled') {
    const { name } = body.data;
    return gates.some(({ definition }) => definition.name === name)
      ? []
      : [
          `Nobody has defined the gate '${name}' yet: this holds for what is defined under that name.`,
        ];
  }
  if (body.type !== 'gate.defined') return [];
  const { name, version } = body.data;
  const versions = gates.filter(({ definition }) => definition.name === name);
  const same = versions.find(({ definition }) => definition.version === version);
  if (same !== undefined && canonicalize(same.definition) !== canonicalize(body.data)) {
    return [
      `Version ${version} of the gate '${name}' is defined already, and stays as it is: give this one the version ${newestOf(versions) + 1}.`,
    ];
  }
  return newestOf(versions) > version
    ? [
        `Version ${newestOf(versions)} of the gate '${name}' is defined already, so that version ${version} never speaks.`,
      ]
    : [];
}

function newestOf(versions: readonly DefinedGate[]): number {
  return Math.max(0, ...versions.map(({ definition }) => definition.version));
}
