/**
 * One child process running some roles: forked early so that it loads its modules while the engines start, restarted
 * when it dies, drained when the supervisor stops.
 *
 * @module
 */
import { fork, type ChildProcess } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { RoleName } from '../configuration/configuration.ts';
import type { EngineAddresses, PortableConfiguration, RoleMessage, SupervisorMessage } from '../roles/messages.ts';
import type { Progress } from './progress.ts';
import { RestartBudget } from './restarts.ts';

/** A fault reported by a role process that no restart would cure. */
export class RoleFatalError extends Error {
  override readonly name = 'RoleFatalError';
  constructor(
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

/** What a role process was started with. */
export type RoleProcessOptions = {
  readonly name: string;
  readonly roles: readonly RoleName[];
  readonly configuration: Omit<PortableConfiguration, 'roles'>;
  readonly progress: Progress;
  /** Called once, when the process cannot be kept running. */
  readonly onFatal: (error: RoleFatalError) => void;
  /** Called with every new process id. */
  readonly onSpawn: (pid: number) => void;
  readonly stopWaitMs: number;
};

type Ready = { readonly url?: string; readonly port?: number };

/** Once may be chance. */
const memoryFaultCountMax = 2;

const entry = fileURLToPath(new URL('../roles/main.js', import.meta.url));

/**
 * Node's arguments for a process with these roles. An event of a rebuild leaves some 11 KiB of objects that nobody needs a moment
 * later: with four times Node's own room for such objects (16 MiB), where read models are made, few of them outlive a collection,
 * and a third less time goes into those.
 */
function nodeArguments(roles: readonly RoleName[]): string[] {
  const room = roles.includes('projections') ? ['--max-semi-space-size=64'] : [];
  return ['--enable-source-maps', ...room];
}

/** See the module's description. */
export class RoleProcess {
  readonly #options: RoleProcessOptions;
  readonly #budget = new RestartBudget();
  #child: ChildProcess;
  #configuration: PortableConfiguration;
  #engines: EngineAddresses | undefined;
  #ready: PromiseWithResolvers<Ready> = withResolvers();
  #stopping = false;
  #loaded = false;
  #wasReady = false;
  #memoryFaultCount = 0;

  constructor(options: RoleProcessOptions) {
    this.#options = options;
    this.#configuration = { ...options.configuration, roles: options.roles };
    this.#child = this.#spawn();
  }

  /** Tells the process where the engines are, and answers when its roles run. */
  async start(engines: EngineAddresses): Promise<Ready> {
    this.#engines = engines;
    if (this.#loaded) this.#send({ kind: 'run', engines });
    return this.#ready.promise;
  }

  /** Drains the roles and waits for the process to end; kills it after `stopWaitMs`. A start that waits is given up. */
  async stop(): Promise<void> {
    this.#stopping = true;
    this.#giveUp(new RoleFatalError('STOPPED', `${this.#options.name} was stopped while it started.`));
    const child = this.#child;
    if (child.exitCode !== null || child.signalCode !== null) return;
    const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    this.#send({ kind: 'stop' });
    const timer = setTimeout(() => {
      this.#options.progress.warn(
        `${this.#options.name} did not drain in ${this.#options.stopWaitMs} ms and is killed`,
      );
      child.kill('SIGKILL');
    }, this.#options.stopWaitMs);
    await exited;
    clearTimeout(timer);
  }

  #spawn(): ChildProcess {
    this.#loaded = false;
    // A group of its own: the terminal's signals reach only the supervisor, which drains this process in order.
    const child = fork(entry, [this.#options.name], {
      detached: true,
      stdio: ['ignore', 2, 2, 'ipc'],
      execArgv: nodeArguments(this.#options.roles),
    });
    if (child.pid !== undefined) this.#options.onSpawn(child.pid);
    child.on('message', (message: RoleMessage) => this.#receive(message));
    child.once('exit', (code, signal) => void this.#restart(signal ?? `code ${code}`));
    return child;
  }

  #receive(message: RoleMessage): void {
    switch (message.kind) {
      case 'loaded':
        this.#loaded = true;
        this.#send({ kind: 'prepare', configuration: this.#configuration });
        if (this.#engines) this.#send({ kind: 'run', engines: this.#engines });
        return;
      case 'progress':
        this.#options.progress.step(message.text);
        return;
      case 'ready':
        this.#wasReady = true;
        this.#rememberStart(message.port);
        this.#ready.resolve(message);
        return;
      case 'fatal':
        this.#fail(new RoleFatalError(message.code, message.message));
        return;
      default:
        throw new Error(`unknown message ${JSON.stringify(message satisfies never)}`);
    }
  }

  /** A restarted process answers at the address that was announced, and repeats no reset. */
  #rememberStart(port = this.#configuration.port): void {
    this.#configuration = { ...this.#configuration, port, relayReset: false };
  }

  async #restart(how: string): Promise<void> {
    if (this.#stopping) return;
    if (this.#opensDamagedFile(how)) {
      const what = `${this.#options.name} ended with ${how} each time it opened its data files`;
      this.#fail(
        new RoleFatalError(
          'DATA_FILE_DAMAGED',
          `${what}; one of them, most likely that of vault/ in the data directory, is damaged: restore it from a backup.`,
        ),
      );
      return;
    }
    const delayMs = this.#budget.spend(performance.now());
    if (delayMs === undefined) {
      this.#fail(
        new RoleFatalError('ROLE_KEEPS_ENDING', `${this.#options.name} keeps ending (${how}); see its log above.`),
      );
      return;
    }
    this.#options.progress.warn(`${this.#options.name} ended with ${how}; restarting it`);
    await delay(delayMs);
    if (!this.#stopping) this.#child = this.#spawn();
  }

  #fail(error: RoleFatalError): void {
    if (this.#stopping) return;
    this.#stopping = true;
    this.#giveUp(error);
    this.#options.onFatal(error);
  }

  /** Ends the wait of `start`, if it still waits. */
  #giveUp(error: RoleFatalError): void {
    // oxlint-disable-next-line promise/no-promise-in-callback -- nobody may be waiting: then nobody has to be told
    this.#ready.promise.catch(() => undefined);
    this.#ready.reject(error);
  }

  /** LMDB maps its files into memory: a damaged one ends the process before it can say a word, and does so again. */
  #opensDamagedFile(how: string): boolean {
    if (this.#wasReady || (how !== 'SIGSEGV' && how !== 'SIGBUS')) return false;
    this.#memoryFaultCount += 1;
    return this.#memoryFaultCount >= memoryFaultCountMax;
  }

  #send(message: SupervisorMessage): void {
    // A process that is ending has closed its channel; its exit event says the rest.
    if (this.#child.connected) this.#child.send(message, () => undefined);
  }
}

type PromiseWithResolvers<T> = { promise: Promise<T>; resolve: (value: T) => void; reject: (error: Error) => void };

function withResolvers<T>(): PromiseWithResolvers<T> {
  let resolve!: (value: T) => void;
  let reject!: (error: Error) => void;
  const promise = new Promise<T>((onResolve, onReject) => {
    resolve = onResolve;
    reject = onReject;
  });
  return { promise, resolve, reject };
}
