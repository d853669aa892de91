/**
 * End to end: from the moment a payment is published over NATS until its renewal is visible in the read model. Every
 * system is measured by these functions, over its own doors.
 *
 * @module
 */
import { setTimeout as delay } from 'node:timers/promises';
import { publishPayment } from '@perennial/handlers';
import { payment, type Subscription } from '../load/payments.ts';
import { windowed } from '../load/windowed.ts';
import type { Announcement, SystemUnderLoad } from './system.ts';

const publishWindow = 256;
const pollMs = 10;
/** Rarer where everything is waited for: the looking costs both systems time. */
const throughputPollMs = 50;
const visibleWaitMs = 120_000;

/** Makes ids that no round has used. */
let roundCount = 0;

/**
 * Publishes payments for the subscriptions in turn as fast as the broker acknowledges them, at most 256 unacknowledged,
 * and waits until the read model shows every one of them; answers payments per second.
 */
export async function measureThroughput(
  system: SystemUnderLoad,
  subscriptions: readonly Subscription[],
  paymentCount: number,
): Promise<number> {
  const round = `r${roundCount++}`;
  const wanted = await wantedVersions(system, subscriptions, paymentCount);
  const began = performance.now();
  await windowed(paymentCount, publishWindow, async (index) => {
    const subscription = subscriptions[index % subscriptions.length];
    if (subscription !== undefined) await publishPayment(system.broker, payment(subscription, `${round}-${index}`));
  });
  for (const [tenant, versions] of wanted) await untilVisible(system, tenant, versions);
  return (paymentCount * 1_000) / (performance.now() - began);
}

type Wanted = Map<string, Map<string, number>>;

/** By tenant, the version that each subscription has once all of its payments are applied: one event each. */
async function wantedVersions(
  system: SystemUnderLoad,
  subscriptions: readonly Subscription[],
  paymentCount: number,
): Promise<Wanted> {
  const wanted: Wanted = new Map();
  for (const tenant of new Set(subscriptions.map((subscription) => subscription.tenant))) {
    wanted.set(tenant, new Map(await system.versionsOf(tenant)));
  }
  for (const [index, { tenant, subscriptionId }] of subscriptions.entries()) {
    const versions = wanted.get(tenant);
    const version = versions?.get(subscriptionId);
    if (versions === undefined || version === undefined) throw new Error(`${tenant}/${subscriptionId} is not open`);
    const share = Math.floor(paymentCount / subscriptions.length);
    versions.set(subscriptionId, version + share + (index < paymentCount % subscriptions.length ? 1 : 0));
  }
  return wanted;
}

async function untilVisible(
  system: SystemUnderLoad,
  tenant: string,
  wanted: ReadonlyMap<string, number>,
): Promise<void> {
  const deadline = performance.now() + visibleWaitMs;
  for (;;) {
    const shown = await system.versionsOf(tenant);
    if ([...wanted].every(([id, version]) => (shown.get(id) ?? -1) >= version)) return;
    if (performance.now() > deadline) throw new Error(`${system.name} did not show all of ${tenant} in time`);
    await delay(throughputPollMs);
  }
}

/** How latency is measured. */
export type LatencyOptions = { readonly ratePerSecond: number; readonly count: number };

/**
 * Publishes at a fixed rate, whatever the answers do, and times each payment from its publishing to the end of the read
 * that shows it. A payment is one event, so the next version of its subscription is the sign.
 */
export async function measureLatency(
  system: SystemUnderLoad,
  subscriptions: readonly Subscription[],
  { ratePerSecond, count }: LatencyOptions,
): Promise<readonly number[]> {
  const round = `l${roundCount++}`;
  const stopwatch = new Stopwatch(system);
  const end = system.onAnnounced((announcement) => void stopwatch.finish(announcement));
  const publishing: Promise<unknown>[] = [];
  const start = performance.now();
  for (let index = 0; index < count; index += 1) {
    const subscription = subscriptions[index % subscriptions.length];
    if (subscription === undefined) break;
    await delay(Math.max(0, start + (index * 1_000) / ratePerSecond - performance.now()));
    stopwatch.begin(subscription);
    publishing.push(publishPayment(system.broker, payment(subscription, `${round}-${index}`)));
  }
  await Promise.all(publishing);
  const deadline = performance.now() + visibleWaitMs;
  while (stopwatch.finishedCount < count && performance.now() < deadline) await delay(pollMs);
  end();
  return stopwatch.latenciesOf(count);
}

/** Times payments by their subscription, whose payments are applied in their order. */
class Stopwatch {
  readonly #system: SystemUnderLoad;
  readonly #running = new Map<string, number[]>();
  readonly #latenciesMs: number[] = [];
  readonly #failures: unknown[] = [];

  constructor(system: SystemUnderLoad) {
    this.#system = system;
  }

  get finishedCount(): number {
    return this.#latenciesMs.length + this.#failures.length;
  }

  begin(subscription: Subscription): void {
    const began = this.#running.get(keyOf(subscription));
    if (began) began.push(performance.now());
    else this.#running.set(keyOf(subscription), [performance.now()]);
  }

  /** Never rejects: a failure is thrown at the end. */
  async finish(announcement: Announcement): Promise<void> {
    const began = this.#running.get(keyOf(announcement))?.shift();
    if (began === undefined) return;
    try {
      const version = await this.#system.readAnnounced(announcement);
      if (version < announcement.version) throw new Error(`${keyOf(announcement)} does not show what was announced`);
      this.#latenciesMs.push(performance.now() - began);
    } catch (error) {
      this.#failures.push(error);
    }
  }

  latenciesOf(count: number): readonly number[] {
    const [failure] = this.#failures;
    if (failure !== undefined) throw new Error('a payment could not be read back', { cause: failure });
    if (this.#latenciesMs.length < count) {
      throw new Error(`${this.#system.name} showed ${this.#latenciesMs.length} of ${count} payments`);
    }
    return this.#latenciesMs;
  }
}

function keyOf({ tenant, subscriptionId }: Subscription): string {
  return `${tenant}/${subscriptionId}`;
}
