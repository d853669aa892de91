import { rootOf, type Projection } from './projection.ts';

/** The projections that are about a stream, the one that guards it among them. */
export type Route = { readonly root: Projection; readonly projections: readonly Projection[] };

/** Finds the route of a stream by its name; undefined for a stream that nobody projects. */
export type Routes = (stream: string) => Route | undefined;

const routesByList = new WeakMap<readonly Projection[], Routes>();

/** The routes of a list of projections; made once for each list, since every stream asks for one. */
export function routesOf(projections: readonly Projection[]): Routes {
  return found(routesByList, projections, () => {
    const prefixes = [...new Set(projections.map(({ handles }) => handles.streamPrefix))];
    const routes = new Map<string, Route>();
    return (stream) => {
      const prefix = prefixes.find((candidate) => stream.startsWith(candidate));
      return prefix === undefined ? undefined : found(routes, prefix, () => routeOf(projections, prefix));
    };
  });
}

function routeOf(all: readonly Projection[], prefix: string): Route {
  const projections = all.filter(({ handles }) => handles.streamPrefix === prefix);
  return { root: rootOf(projections), projections };
}

const concernedByList = new WeakMap<readonly Projection[], Map<string, readonly Projection[]>>();

/** The projections of a list that an event of a type may concern; a root always is, since it counts every revision. */
export function concernedBy(projections: readonly Projection[], type: string): readonly Projection[] {
  const byType = found(concernedByList, projections, () => new Map<string, readonly Projection[]>());
  return found(byType, type, () => projections.filter((projection) => projection.root || takes(projection, type)));
}

/** Whether a projection is about events of a type. */
export function takes({ handles: { types } }: Projection, type: string): boolean {
  return types === 'all' || types.has(type);
}

type Memory<K, V> = { get(key: K): V | undefined; set(key: K, value: V): unknown };

function found<K, V>(memory: Memory<K, V>, key: K, make: () => V): V {
  const known = memory.get(key);
  if (known !== undefined) return known;
  const made = make();
  memory.set(key, made);
  return made;
}
