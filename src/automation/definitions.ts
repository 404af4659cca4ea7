import {
  definedVersions,
  definitionId,
  type Defined,
  type LoggedDefinition,
  type Named,
} from '../model/definitions.ts';
import type { Follower } from './follow.ts';

/** A version of a gate or a watch that follows the log. */
export type Following<D extends Named, C> = {
  readonly defined: Defined<D>;
  readonly compiled: C;
  readonly follower: Follower;
};

export type DefinitionsOptions<D extends Named, C> = {
  readonly kind: 'gate' | 'watch';
  readonly statements: () => Promise<readonly LoggedDefinition<D>[]>;
  /** @throws StemmaError where a definition is not valid */
  readonly compile: (definition: D) => C;
  readonly typesOf: (compiled: C) => readonly string[];
  /** The log number behind which it looks. */
  readonly beginOf: (defined: Defined<D>) => number;
  readonly onInvalid: (name: string, error: unknown) => void;
};

export interface Definitions<D extends Named, C> {
  refresh(): Promise<void>;
  followers(): readonly Follower[];
  /** Those that look at events of a type. */
  of(type: string): readonly Following<D, C>[];
}

/** All that is defined of a kind, compiled once, by the types of events that it looks at. */
export function createDefinitions<D extends Named, C>(
  options: DefinitionsOptions<D, C>,
): Definitions<D, C> {
  const { kind, statements, compile, typesOf, beginOf, onInvalid } = options;
  let all = new Map<string, Following<D, C>>();
  let byType = new Map<string, Following<D, C>[]>();

  function follow(defined: Defined<D>): Following<D, C> | null {
    const id = `${kind} ${definitionId(defined.definition)}`;
    try {
      const compiled = all.get(id)?.compiled ?? compile(defined.definition);
      const { supersededAt } = defined;
      const end = supersededAt === null ? null : supersededAt - 1;
      const types = [...new Set(typesOf(compiled))];
      return { defined, compiled, follower: { id, types, begin: beginOf(defined), end } };
    } catch (error) {
      onInvalid(id, error); // it was accepted before this was refused, or came another way
      return null;
    }
  }

  return {
    async refresh() {
      const found = definedVersions(await statements()).flatMap((one) => follow(one) ?? []);
      all = new Map(found.map((one) => [one.follower.id, one]));
      byType = new Map();
      for (const one of found) {
        for (const type of one.follower.types) {
          const others = byType.get(type);
          if (others === undefined) byType.set(type, [one]);
          else others.push(one);
        }
      }
    },
    followers: () => [...all.values()].map(({ follower }) => follower),
    of: (type) => byType.get(type) ?? [],
  };
}
