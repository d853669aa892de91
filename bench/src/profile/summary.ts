/** A CPU profile as V8 writes it. */
export type CpuProfile = {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number };
    readonly children?: readonly number[] | undefined;
  }[];
  readonly samples?: readonly number[] | undefined;
  readonly timeDeltas?: readonly number[] | undefined;
  readonly startTime: number;
  readonly endTime: number;
};

/** Part of a process's busy time. */
export type Share = { readonly name: string; readonly share: number };

/** Where a process spent its time. */
export type ProfileSummary = {
  /** Part of the recorded time in which the main thread was busy. */
  readonly busy: number;
  /** Own time by package, of the busy time. */
  readonly packages: readonly Share[];
  /** Own time of single functions, of the busy time. */
  readonly functions: readonly Share[];
  /** Time in a function of ours and in everything it called, of the busy time. */
  readonly ours: readonly Share[];
};

const idle = new Set(['(idle)', '(root)']);

/** Sums a profile up. */
export function summarise(profile: CpuProfile, countMax: number): ProfileSummary {
  const own = ownTimes(profile);
  const sum = (times: Iterable<number>): number => [...times].reduce((total, time) => total + time, 0);
  const isIdle = (id: number): boolean => idle.has(nameOf.get(id) ?? '');
  const nameOf = new Map(profile.nodes.map(({ id, callFrame }) => [id, callFrame.functionName]));
  const busy = sum([...own].filter(([id]) => !isIdle(id)).map(([, time]) => time));
  const shares = (times: ReadonlyMap<string, number>): Share[] =>
    [...times]
      .map(([name, time]) => ({ name, share: time / busy }))
      .sort((a, b) => b.share - a.share)
      .slice(0, countMax);
  const packages = new Map<string, number>();
  const functions = new Map<string, number>();
  for (const { id, callFrame } of profile.nodes) {
    if (isIdle(id)) continue;
    add(packages, packageOf(callFrame), own.get(id) ?? 0);
    add(functions, frameName(callFrame), own.get(id) ?? 0);
  }
  return {
    busy: busy / sum(own.values()),
    packages: shares(packages),
    functions: shares(functions),
    ours: shares(inclusiveTimes(profile, own)),
  };
}

function add(times: Map<string, number>, name: string, time: number): void {
  times.set(name, (times.get(name) ?? 0) + time);
}

function ownTimes({ samples = [], timeDeltas = [] }: CpuProfile): Map<number, number> {
  const own = new Map<number, number>();
  for (const [index, id] of samples.entries()) own.set(id, (own.get(id) ?? 0) + (timeDeltas[index] ?? 0));
  return own;
}

/** A function that calls itself counts once. */
function inclusiveTimes(profile: CpuProfile, own: ReadonlyMap<number, number>): Map<string, number> {
  const byId = new Map(profile.nodes.map((node) => [node.id, node]));
  const times = new Map<string, number>();
  const visit = (id: number, above: ReadonlySet<string>): number => {
    const node = byId.get(id);
    if (node === undefined) return 0;
    const name = frameName(node.callFrame);
    const inside = new Set(above).add(name);
    let time = own.get(id) ?? 0;
    for (const child of node.children ?? []) time += visit(child, inside);
    if (isOurs(node.callFrame.url) && !above.has(name)) add(times, name, time);
    return time;
  };
  const [root] = profile.nodes;
  if (root !== undefined) visit(root.id, new Set());
  return times;
}

type Frame = CpuProfile['nodes'][number]['callFrame'];

function isOurs(url: string): boolean {
  return /\/packages\/[^/]+\/dist\//.test(url);
}

function packageOf({ url, functionName }: Frame): string {
  const installed = /node_modules\/((?:@[^/]+\/)?[^/]+)\/(?!.*node_modules\/)/.exec(url)?.[1];
  if (installed !== undefined) return installed;
  const own = /\/packages\/([^/]+)\/dist\//.exec(url)?.[1];
  if (own !== undefined) return `@perennial/${own}`;
  if (url.startsWith('node:')) return `node:${url.slice('node:'.length).split('/').slice(0, 2).join('/')}`;
  return functionName.startsWith('(') ? functionName : 'native';
}

function frameName({ url, functionName, lineNumber }: Frame): string {
  const file = url.replace(/^.*\/packages\//, '').replace(/^.*\/node_modules\//, '');
  return file === '' ? functionName || '(anonymous)' : `${functionName || '(anonymous)'} ${file}:${lineNumber + 1}`;
}
