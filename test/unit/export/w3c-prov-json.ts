/**
 * What the JSON schema of the PROV-JSON submission demands (https://www.w3.org/submissions/2013/SUBM-prov-json-20130424/schema),
 * written anew: which sections there are, which roles each relation must and may have, and which values attributes take. Its
 * identifiers are URIs to it, as every qualified name is.
 */
const URI = { type: 'string', format: 'uri' };
const TIME = { type: 'string', format: 'date-time' };
const ATTRIBUTE = { $ref: '#/definitions/attribute' };

type Relation = readonly [must: readonly string[], may?: readonly string[]];

const RELATIONS: Readonly<Record<string, Relation>> = {
  wasGeneratedBy: [['entity'], ['activity', 'time']],
  used: [['entity'], ['activity', 'time']],
  wasInformedBy: [['informant', 'informed']],
  wasStartedBy: [['activity'], ['time', 'trigger']],
  wasEndedby: [['activity'], ['time', 'trigger']], // as the submission spells it
  wasInvalidatedBy: [['entity'], ['time', 'activity']],
  wasDerivedFrom: [
    ['generatedEntity', 'usedEntity'],
    ['activity', 'generation', 'usage'],
  ],
  wasAttributedTo: [['entity', 'agent']],
  wasAssociatedWith: [['activity'], ['agent', 'plan']],
  actedOnBehalfOf: [['delegate', 'responsible'], ['activity']],
  wasInfluencedBy: [['influencer', 'influencee']],
  specializationOf: [['generalEntity', 'specificEntity']],
  alternateOf: [['alternate1', 'alternate2']],
  hadMember: [['collection', 'entity']],
};

const section = (record: object) => ({ type: 'object', additionalProperties: record });
const element = section({ type: 'object', additionalProperties: ATTRIBUTE });
const role = (name: string) => `prov:${name}`;

const SECTIONS = {
  prefix: { type: 'object', patternProperties: { '^[a-zA-Z0-9_-]+$': URI } },
  ...{ entity: element, activity: element, agent: element },
  ...Object.fromEntries(
    Object.entries(RELATIONS).map(([name, [must, may = []]]) => [
      name,
      section({
        type: 'object',
        required: must.map(role),
        properties: Object.fromEntries(
          [...must, ...may].map((one) => [role(one), one === 'time' ? TIME : URI]),
        ),
        additionalProperties: ATTRIBUTE,
      }),
    ]),
  ),
};

const LITERAL = {
  anyOf: [
    { type: ['string', 'number', 'boolean'] },
    {
      type: 'object',
      required: ['$'],
      properties: { $: { type: 'string' }, type: URI, lang: { type: 'string' } },
      additionalProperties: false,
    },
  ],
};

export const W3C_PROV_JSON = {
  type: 'object',
  additionalProperties: false,
  properties: { ...SECTIONS, bundle: section({ type: 'object', properties: SECTIONS }) },
  definitions: {
    attribute: { anyOf: [LITERAL, { type: 'array', minItems: 1, items: LITERAL }] },
  },
};
