/**
 * Product keys without engines: what their unit tests share.
 *
 * @module
 */
import { eventDefinitions } from '@perennial/domain';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createCommandService } from '../../command-handling/create-command-service.ts';
import { createTenantService } from '../../tenants/tenant-service.ts';
import { createMemoryEventStore, type MemoryEventStore } from '../../testing/memory-event-store.ts';
import { createProductKeyService, type ProductKeyServiceOptions } from '../create-product-key-service.ts';
import type {
  IssueRequest,
  NewKey,
  ProductKeyService,
  RedeemRequest,
  RedeemSeveralRequest,
} from '../product-key-service.ts';

const directory = mkdtempSync(join(tmpdir(), 'perennial-keys-'));

/** To be called when the tests of a file are over. */
export function removeSecrets(): void {
  rmSync(directory, { recursive: true, force: true });
}

/** Who asks. */
export const by = { actor: { type: 'user' as const, id: 'alice' }, roles: ['global-admin'], correlationId: 'r1' };
let secretCount = 0;

/** The process ends here. */
export class Killed extends Error {
  readonly code = 'EVENT_STORE_UNAVAILABLE';
}

/** Keys on a store in memory; `process` is another process on the same store. */
export function setUp(options: Partial<ProductKeyServiceOptions> = {}) {
  const store = createMemoryEventStore(eventDefinitions);
  let now = '2027-03-01T00:00:00.000Z';
  const clock = { virtual: false, now: () => now, onAdvance: () => () => undefined };
  const secretPath = join(directory, `secret-${(secretCount += 1)}`);
  const tenants = createTenantService({ store, clock });
  const plans = {
    version: () => 'catalogue-1',
    plan: (planId: string) => ({ planId, apps: ['word'], ...(planId === 'small' ? { maxSeats: 10 } : {}) }),
  };
  const vault = {
    userIdOf: async () => undefined,
    encrypt: async (_: unknown, text: string) => `sealed(${text.length})`,
  };
  let ids = 0;
  const newId = () => `00000000-0000-4000-8000-${String((ids += 1)).padStart(12, '0')}`;
  /** A process of its own: nothing cached, nothing remembered. */
  const process = (): ProductKeyService => {
    const commands = createCommandService({ store, clock, vault, plans, tenants, newId });
    return createProductKeyService({ store, clock, commands, plans, tenants, vault, secretPath, newId, ...options });
  };
  return { store, tenants, process, keys: process(), secretPath, setNow: (to: string) => (now = to), clock };
}

/** A key that is sold. */
export async function issueOne(keys: ProductKeyService, more: Partial<IssueRequest> = {}): Promise<NewKey> {
  const issued = await keys.issue({
    ...by,
    commandId: crypto.randomUUID(),
    offer: { planId: 'SPE_E3', seats: 5, term: 'P1Y' },
    count: 1,
    sold: true,
    ...more,
  });
  if (issued.kind === 'refused' || issued.kind === 'issued-before') throw new Error(JSON.stringify(issued));
  const [key] = issued.keys;
  if (key === undefined) throw new Error('no key was issued');
  return key;
}

/** An order that opens a subscription. */
export const toRedeem = (key: string, more: Partial<RedeemRequest> = {}): RedeemRequest => ({
  ...by,
  tenant: 'acme',
  key,
  mode: 'new',
  create: {},
  commandId: 'c1',
  ...more,
});

/** Reason codes of a refusal, else how it ended. */
export const codes = (result: { readonly kind: string }): unknown =>
  'reasonCodes' in result ? result.reasonCodes : result.kind;
/** Types of the events in streams whose name begins so. */
export const typesOf = (store: MemoryEventStore, prefix: string): string[] =>
  store.log.filter(({ stream }) => stream.startsWith(prefix)).map(({ type }) => type);

/** An order of several keys. */
export const several = (typed: readonly string[], more: Partial<RedeemSeveralRequest> = {}): RedeemSeveralRequest => {
  const { key: _, ...request } = toRedeem('', { subscriptionId: 's1' });
  return { ...request, keys: typed, ...more };
};

/** Keys of one order. */
export async function issueSome(
  keys: ProductKeyService,
  count: number,
  more: Partial<IssueRequest> = {},
): Promise<string[]> {
  const issued = await Promise.all(Array.from({ length: count }, () => issueOne(keys, more)));
  return issued.map(({ key }) => key);
}
