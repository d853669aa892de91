/** Too much is waiting already: the caller should come back later. */
export class OverloadedError extends Error {
  override readonly name = 'OverloadedError';
  readonly code = 'OVERLOADED';
  constructor(what: string, limit: number) {
    super(`${what}: ${limit} are waiting already; try again in a moment.`);
  }
}

/** Bounds of a set of lanes. */
export type LanesOptions = {
  /** Tasks that run at the same time, each of another lane. */
  readonly inFlightCountMax: number;
  /** Tasks that wait, over all lanes; one more is refused with OverloadedError. */
  readonly waitingCountMax: number;
};

/** Runs tasks of one key one after the other, in the order they were given; tasks of different keys side by side. */
export type Lanes = {
  /** Resolves or rejects as the task does. @throws OverloadedError */
  run<T>(key: string, task: () => Promise<T>): Promise<T>;
  /** Resolves when one more task would be accepted. */
  room(): Promise<void>;
  /** Resolves when nothing runs or waits. */
  idle(): Promise<void>;
  readonly inFlightCount: number;
  readonly waitingCount: number;
};

/** See {@link Lanes}. */
export function createLanes(options: LanesOptions): Lanes {
  /** Waiting tasks of every lane that has a task running or ready. */
  const queues = new Map<string, (() => Promise<void>)[]>();
  /** Lanes whose next task only waits for a free place. */
  let ready: string[] = [];
  let waitingForRoom: (() => void)[] = [];
  let waitingForIdle: (() => void)[] = [];
  let inFlightCount = 0;
  let waitingCount = 0;

  const startReady = () => {
    let started = 0;
    while (inFlightCount < options.inFlightCountMax && started < ready.length) void start(ready[started++] ?? '');
    if (started > 0) ready = ready.slice(started);
    if (waitingCount < options.waitingCountMax) waitingForRoom = release(waitingForRoom);
    if (inFlightCount === 0 && waitingCount === 0) waitingForIdle = release(waitingForIdle);
  };

  const start = async (key: string) => {
    const task = queues.get(key)?.shift();
    if (!task) throw new Error(`lane ${key} was ready without a task`);
    inFlightCount++;
    waitingCount--;
    await task();
    inFlightCount--;
    if (queues.get(key)?.length === 0) queues.delete(key);
    else ready.push(key);
    startReady();
  };

  return {
    run(key, task) {
      if (waitingCount >= options.waitingCountMax) {
        return Promise.reject(new OverloadedError('The queue is full', options.waitingCountMax));
      }
      return new Promise((resolve, reject) => {
        const settled = async () => {
          try {
            resolve(await task());
          } catch (error) {
            reject(error);
          }
        };
        const queue = queues.get(key);
        if (queue) queue.push(settled);
        else {
          queues.set(key, [settled]);
          ready.push(key);
        }
        waitingCount++;
        startReady();
      });
    },
    room: () =>
      waitingCount < options.waitingCountMax
        ? Promise.resolve()
        : new Promise((resolve) => waitingForRoom.push(resolve)),
    idle: () =>
      inFlightCount === 0 && waitingCount === 0
        ? Promise.resolve()
        : new Promise((resolve) => waitingForIdle.push(resolve)),
    get inFlightCount() {
      return inFlightCount;
    },
    get waitingCount() {
      return waitingCount;
    },
  };
}

function release(waiters: (() => void)[]): (() => void)[] {
  for (const resolve of waiters) resolve();
  return [];
}
