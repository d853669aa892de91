import {
  accessOf,
  applyDeadlines,
  nextDeadline,
  pagedGet,
  policyOf,
  seatInForce,
  seatStream,
  stateAsOf,
  unusedSeat,
  type AppAccess,
  type AsOf,
  type Deadline,
  type ExistingSubscription,
  type Seat,
  type SubscriptionHeader,
  asSubscriptionEvent,
  dataOf,
} from '@perennial/domain';
import type { RecordedEvent } from '@perennial/event-store';
import type { CatalogueAsOf } from '../as-of/catalogue-as-of.ts';
import { seatUseAsOf } from '../as-of/person-as-of.ts';
import { isInForce } from '../as-of/when.ts';
import { inForce } from '../diff/in-force.ts';
import { entryMaker, subscriptionEntries, upTo, type EntryMaker } from '../history/entry.ts';
import type { Because } from '../history/because.ts';
import { refOf, type EventRef } from '../log/log.ts';
import type { StreamMemory } from '../log/stream-memory.ts';
import type { SubscriptionReason, WhyStep } from './why.ts';

type Asked = { readonly stream: string; readonly personId: string; readonly appId: string };
type Then = { readonly when: AsOf; readonly catalogue: CatalogueAsOf };
type Told = { readonly event: EventRef; readonly because: readonly Because[] };
type Case = Asked & { readonly when: AsOf; readonly events: readonly RecordedEvent[]; readonly entry: EntryMaker };

/** What a subscription has to do with the answer; undefined when it was not known, or never gave the person a seat. */
export async function explainSubscription(
  streams: StreamMemory,
  asked: Asked,
  { when, catalogue }: Then,
): Promise<SubscriptionReason | undefined> {
  const all = upTo(await streams.read(asked.stream), when.knownAt);
  const state = stateAsOf(all.map(asSubscriptionEvent), when);
  if (state === null) return undefined;
  const about: Case = { ...asked, when, events: all, entry: subscriptionEntries(all, streams) };
  const { header } = state;
  const { subscriptionId } = header;
  const seat = pagedGet(state.seats, asked.personId);
  if (seat === undefined) {
    const step = await withoutSeat(about);
    return step && { subscriptionId, access: 'none', chain: [step] };
  }
  const held = all.find(({ revision }) => revision === seat.heldSince);
  const assigned: readonly WhyStep[] = held === undefined ? [] : [{ kind: 'assigned', ...(await toldOf(about, held)) }];
  const obstacle =
    (await missingInPlan(about, header, catalogue)) ?? (await turnedOff(about, { header, seat }, streams));
  if (obstacle !== undefined) return { subscriptionId, access: 'none', chain: [...assigned, obstacle] };
  const access = appAccess(header, when, catalogue.newest(header.planId)?.apps.find(isApp(asked.appId))?.kind);
  const last = (await heldBy(about, header)) ?? (await statusOf(about, state));
  return { subscriptionId, access, chain: [...assigned, last] };
}

function isApp(wanted: string): (app: { readonly appId: string }) => boolean {
  return ({ appId }) => appId === wanted;
}

function appAccess(header: SubscriptionHeader, { at }: AsOf, kind: 'desktop' | 'service' | undefined): AppAccess {
  const { desktop, service } = accessOf(header, at);
  // A deleted subscription gives nothing at all.
  if (applyDeadlines(header, at).status === 'deleted') return 'none';
  return kind === 'desktop' ? desktop : service;
}

async function toldOf({ entry }: Pick<Case, 'entry'>, event: RecordedEvent): Promise<Told> {
  return { event: refOf(event), because: (await entry(event)).because };
}

/** The licence was taken away before, or moved elsewhere, or given only later. */
async function withoutSeat(about: Case): Promise<WhyStep | undefined> {
  const { events, personId, when } = about;
  const ofPerson = events.filter((event) => seatOf(event) === personId);
  const before = ofPerson.findLast((event) => isInForce(event, when));
  const moved = before && dataOf(before, 'LicenseMoved');
  if (before && moved) return { kind: 'moved', to: moved.to.subscriptionId, ...(await toldOf(about, before)) };
  if (before !== undefined) return { kind: 'unassigned', ...(await toldOf(about, before)) };
  const [first] = ofPerson;
  return first && { kind: 'assigned-later', ...(await toldOf(about, first)) };
}

/** Whose seat an event gave or took. */
function seatOf(event: RecordedEvent): string | undefined {
  const data = dataOf(event, 'LicenseAssigned') ?? dataOf(event, 'LicenseUnassigned') ?? dataOf(event, 'LicenseMoved');
  return data?.personId;
}

async function missingInPlan(
  about: Case,
  { planId }: SubscriptionHeader,
  catalogue: CatalogueAsOf,
): Promise<WhyStep | undefined> {
  if (catalogue.newest(planId)?.apps.some(isApp(about.appId)) === true) return undefined;
  const changed = [...inForce(about.events, about.when).values()].findLast(({ type }) => type === 'PlanChanged');
  const told = changed === undefined ? { event: null, because: [] } : await toldOf(about, changed);
  return { kind: 'not-in-plan', planId, catalogue: catalogue.version, ...told };
}

async function turnedOff(
  about: Case,
  { header, seat }: { readonly header: SubscriptionHeader; readonly seat: Seat },
  streams: StreamMemory,
): Promise<WhyStep | undefined> {
  const { personId, stream, appId, when } = about;
  const use = await seatUseAsOf(streams, { name: stream, personId }, when);
  if (!seatInForce(use, seat).appsOff.includes(appId)) return undefined;
  const isOwn = use.heldSince === seat.heldSince && use.appsOff !== unusedSeat.appsOff;
  const events = isOwn ? await streams.read(seatStream(header.tenant, header.subscriptionId, personId)) : about.events;
  const event = isOwn
    ? events.findLast((step) => step.type === 'AppsToggled' && isInForce(step, when))
    : events.find(({ revision }) => revision === seat.heldSince);
  if (event === undefined) return { kind: 'app-off', event: null, because: [] };
  const entry = isOwn ? entryMaker(streams, when.knownAt) : about.entry;
  return { kind: 'app-off', ...(await toldOf({ entry }, event)) };
}

/** A hold that takes access away. */
async function heldBy(about: Case, recorded: SubscriptionHeader): Promise<WhyStep | undefined> {
  const header = applyDeadlines(recorded, about.when.at);
  if (accessOf(header, about.when.at).reason !== 'held') return undefined;
  const hold = header.holds.find(({ kind }) => policyOf(header).holds[kind].blocksAccess);
  if (hold === undefined) return undefined;
  const placed = [...inForce(about.events, about.when).values()].findLast(
    (event) => dataOf(event, 'HoldPlaced')?.kind === hold.kind,
  );
  const told = placed === undefined ? { event: null, because: [] } : await toldOf(about, placed);
  return { kind: 'held', hold: hold.kind, ...told };
}

/** The status, and the event or the deadline that put the subscription there. */
async function statusOf(about: Case, { header: recorded }: ExistingSubscription): Promise<WhyStep> {
  const { when, events } = about;
  const header = applyDeadlines(recorded, when.at);
  const { status, statusSince: since } = header;
  const cause = events.find(({ id }) => id === header.statusEventId);
  if (cause !== undefined) return { kind: 'status', status, since, deadline: null, ...(await toldOf(about, cause)) };
  // Only time passed: what had set the deadline is what the last event before it left.
  const setter = events.find(({ id }) => id === recorded.statusEventId);
  const because: readonly Because[] =
    setter === undefined ? [] : [{ kind: 'event', event: refOf(setter) }, ...(await about.entry(setter)).because];
  return { kind: 'status', status, since, event: null, deadline: deadlineInto(recorded, since), because };
}

/** The deadline, applied in memory, that led into the status. */
function deadlineInto(recorded: SubscriptionHeader, since: string): Deadline | null {
  let header = recorded;
  for (let count = 0; count < 20; count += 1) {
    const next = nextDeadline(header);
    if (next === null || next.at >= since) return next;
    header = applyDeadlines(header, next.at);
  }
  return null;
}
