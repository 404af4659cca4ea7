import type { EdgeType } from '../model/edge.ts';
import type { NodeLabel } from '../model/node.ts';
import type { ExportEdge, ExportGraph, ExportNode } from './graph.ts';
import { isoOf } from './json.ts';
import { toSafeJson } from './text.ts';

type Kind = 'entity' | 'activity' | 'agent';

const KINDS: Readonly<Partial<Record<NodeLabel, Kind>>> = {
  Build: 'activity',
  Deployment: 'activity',
  Workflow: 'activity',
  Step: 'activity',
  Builder: 'agent',
  Identity: 'agent',
  Agent: 'agent',
};

type Relation = {
  readonly name: string;
  readonly from: readonly [role: string, kind: Kind];
  readonly to: readonly [role: string, kind: Kind];
};

const generated: Relation = {
  name: 'wasGeneratedBy',
  from: ['prov:entity', 'entity'],
  to: ['prov:activity', 'activity'],
};
const used: Relation = {
  name: 'used',
  from: ['prov:activity', 'activity'],
  to: ['prov:entity', 'entity'],
};
const derived: Relation = {
  name: 'wasDerivedFrom',
  from: ['prov:generatedEntity', 'entity'],
  to: ['prov:usedEntity', 'entity'],
};
const alternate: Relation = {
  name: 'alternateOf',
  from: ['prov:alternate1', 'entity'],
  to: ['prov:alternate2', 'entity'],
};
const special: Relation = {
  name: 'specializationOf',
  from: ['prov:specificEntity', 'entity'],
  to: ['prov:generalEntity', 'entity'],
};

/** What each edge is in the words of PROV; the others are wasInfluencedBy. */
const RELATIONS: Readonly<Partial<Record<EdgeType, Relation>>> = {
  GENERATED_BY: generated,
  BUILT_FROM: used,
  USED: used,
  DEPLOYS: used,
  DERIVED_FROM: derived,
  PARENT: derived,
  RESOLVED_TO: alternate,
  PACKAGED_AS: alternate,
  SAME_AS: alternate,
  VERSION_OF: special,
  CONTAINS: {
    name: 'hadMember',
    from: ['prov:collection', 'entity'],
    to: ['prov:entity', 'entity'],
  },
  RAN_ON: {
    name: 'wasAssociatedWith',
    from: ['prov:activity', 'activity'],
    to: ['prov:agent', 'agent'],
  },
  SIGNED_BY: {
    name: 'wasAttributedTo',
    from: ['prov:entity', 'entity'],
    to: ['prov:agent', 'agent'],
  },
};

const influenced: Relation = {
  name: 'wasInfluencedBy',
  from: ['prov:influencee', 'entity'],
  to: ['prov:influencer', 'entity'],
};

/** @see https://www.w3.org/submissions/prov-json/ */
export function toProvJson({ nodes, edges }: ExportGraph): string {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const whole: Record<string, Record<string, unknown>> = {
    prefix: { stemma: 'urn:stemma:', prov: 'http://www.w3.org/ns/prov#' },
  };
  const add = (section: string, id: string, value: unknown): void => {
    (whole[section] ??= {})[id] = value;
  };
  for (const node of nodes) add(kindOf(node), nameOf(node.id), attributesOf(node));
  for (const [at, edge] of edges.entries()) {
    const [from, to] = [byId.get(edge.from), byId.get(edge.to)];
    if (from === undefined || to === undefined) continue;
    const relation = relationOf(edge.type, from, to);
    add(relation.name, `_:r${at}`, {
      [relation.from[0]]: nameOf(edge.from),
      [relation.to[0]]: nameOf(edge.to),
      ...(relation.name === 'hadMember' || /^(alternate|special)/.test(relation.name)
        ? {}
        : { 'stemma:type': edge.type, 'stemma:trust': edge.trust, ...timeOf(edge) }),
    });
  }
  return `${toSafeJson(whole, 2)}\n`;
}

function relationOf(type: EdgeType, from: ExportNode, to: ExportNode): Relation {
  const relation = RELATIONS[type];
  if (relation?.from[1] !== kindOf(from) || relation.to[1] !== kindOf(to)) return influenced;
  return relation;
}

function kindOf({ label }: ExportNode): Kind {
  return KINDS[label] ?? 'entity';
}

/** A qualified name: global ids have no character that would have to be escaped in one. */
function nameOf(id: string): string {
  return `stemma:${id}`;
}

function attributesOf(node: ExportNode): Record<string, unknown> {
  const { label, key, name, properties, change } = node;
  const time = (property: string): string | null => {
    const value = properties[property];
    return typeof value === 'number' ? isoOf(value) : null;
  };
  const activity = kindOf(node) === 'activity';
  const start = activity ? (time('startedAt') ?? time('createdAt')) : null;
  const end = activity ? (time('finishedAt') ?? time('completedAt') ?? time('failedAt')) : null;
  return {
    'prov:type': { $: `stemma:${label}`, type: 'prov:QUALIFIED_NAME' },
    'prov:label': name ?? key,
    'stemma:key': key,
    ...(change === null ? {} : { 'stemma:change': change }),
    ...(start === null ? {} : { 'prov:startTime': start }),
    ...(end === null ? {} : { 'prov:endTime': end }),
  };
}

function timeOf({ validFrom, type }: ExportEdge): Record<string, string> {
  const time = isoOf(validFrom);
  return time === null || type !== 'GENERATED_BY' ? {} : { 'prov:time': time };
}
