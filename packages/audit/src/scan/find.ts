import { encodePart, parseStream, productKeyStream } from '@perennial/domain';
import type { RecordedEvent } from '@perennial/event-store';
import { entryMaker, type HistoryEntry } from '../history/entry.ts';
import { endingOf, factOf } from '../history/payment-cause.ts';
import type { Log } from '../log/log.ts';
import { scanLog, type ScanBounds } from '../log/scan-log.ts';
import type { StreamMemory } from '../log/stream-memory.ts';
import { fieldOf } from '../log/field-of.ts';

/** What an event must be about; all that is given must fit. */
export type Criteria = {
  /** A provider's object, payment or event, alone or as `<provider>/<id>`. */
  readonly payment?: string | undefined;
  readonly invoice?: string | undefined;
  readonly charge?: string | undefined;
  /** A product key: its id, or its last five characters. */
  readonly key?: string | undefined;
  /** A person id: who did it, or whom it is about. */
  readonly person?: string | undefined;
  /** Who did it: `<type>:<id>`, for people with their person id. */
  readonly actor?: string | undefined;
  readonly commandId?: string | undefined;
  readonly correlationId?: string | undefined;
  readonly eventId?: string | undefined;
  readonly type?: string | undefined;
};

/** What is looked for, and where. */
export type FindRequest = Criteria &
  ScanBounds & {
    /** Only what belongs to the tenant. */
    readonly tenant?: string | undefined;
    /** Only these streams, by the beginnings of their names. */
    readonly prefixes?: readonly string[] | undefined;
    /** Valid time, included and not included. */
    readonly from?: string | undefined;
    readonly to?: string | undefined;
    /** Only what had been recorded by then, marked as it was known then. */
    readonly knownAt?: string | undefined;
    /** `next` of the page before. */
    readonly after?: bigint | undefined;
    readonly limit: number;
  };

/** One page of what was found, in the order of the log. */
export type FoundPage = {
  readonly entries: readonly HistoryEntry[];
  readonly next: bigint | null;
  readonly undecodable: number;
};

/** Finds events anywhere in the log (`domain.md 6.8`). */
export async function findEvents(
  { log, streams }: { readonly log: Log; readonly streams: StreamMemory },
  { tenant, prefixes, from, to, knownAt, after, limit, scanCountMax, scanTimeMaxMs, ...criteria }: FindRequest,
): Promise<FoundPage> {
  const tests = testsOf(criteria);
  const wantedPrefixes = prefixes ?? (tenant === undefined ? undefined : prefixesOf(tenant));
  const page = await scanLog(log, {
    ...(scanCountMax === undefined ? {} : { scanCountMax }),
    ...(scanTimeMaxMs === undefined ? {} : { scanTimeMaxMs }),
    ...(wantedPrefixes === undefined ? {} : { prefixes: wantedPrefixes }),
    after,
    limit,
    wants: (event) => {
      const { effectiveAt, recordedAt } = event.metadata;
      return (
        (knownAt === undefined || recordedAt <= knownAt) &&
        (from === undefined || effectiveAt >= from) &&
        (to === undefined || effectiveAt < to) &&
        (tenant === undefined || belongsTo(event, tenant)) &&
        tests.every((test) => test(event))
      );
    },
  });
  const entries = await Promise.all(page.events.map(entryMaker(streams, knownAt)));
  return { entries, next: page.next, undecodable: page.undecodable };
}

type Test = (event: RecordedEvent) => boolean;

const testsByCriterion: { readonly [C in keyof Criteria]-?: (wanted: string) => Test } = {
  payment: (wanted) => (event) => isAboutPayment(event, wanted),
  invoice: (wanted) => (event) => {
    const fact = factOf(event);
    return fact?.invoiceRef === wanted || fact?.providerObjectId === wanted;
  },
  charge: (wanted) => (event) => factOf(event)?.chargeRef === wanted,
  key: (wanted) => (event) =>
    fieldOf(event, 'keyId') === wanted ||
    fieldOf(event, 'last5') === wanted ||
    event.stream === productKeyStream(wanted),
  person: (wanted) => (event) => {
    const stream = parseStream(event.stream);
    return (
      event.metadata.actor.id === wanted ||
      fieldOf(event, 'personId') === wanted ||
      (stream?.kind === 'seat' && stream.personId === wanted)
    );
  },
  actor: (wanted) => (event) => `${event.metadata.actor.type}:${event.metadata.actor.id}` === wanted,
  commandId: (wanted) => (event) => event.metadata.commandId === wanted,
  correlationId: (wanted) => (event) => event.metadata.$correlationId === wanted,
  eventId: (wanted) => (event) => event.id === wanted,
  type: (wanted) => (event) => event.type === wanted,
};

function testsOf(criteria: Criteria): readonly Test[] {
  // The table has exactly the criteria as its keys.
  return (Object.keys(testsByCriterion) as (keyof Criteria)[]).flatMap((name) => {
    const wanted = criteria[name];
    return wanted === undefined ? [] : [testsByCriterion[name](wanted)];
  });
}

/** Whether an event is about a payment, by whatever it is known. */
export function isAboutPayment(event: RecordedEvent, wanted: string): boolean {
  const fact = factOf(event) ?? endingOf(event);
  const provider = fact?.provider ?? providerOf(event);
  const names: unknown[] = [
    fact?.providerObjectId,
    fact?.providerEventId,
    fact !== undefined && 'paymentRef' in fact ? fact.paymentRef : undefined,
    fieldOf(event, 'providerObjectId'),
    fieldOf(event, 'providerEventId'),
    ...listOf(fieldOf(event, 'providerEventIds')),
    objectOf(event),
  ];
  // Events without a fact name payments by their key in the ledger.
  const keys = [fieldOf(event, 'payment'), ...listOf(fieldOf(event, 'paidBy'))];
  return (
    names.some((name) => name === wanted || (typeof name === 'string' && `${provider}/${name}` === wanted)) ||
    keys.some((key) => key === wanted)
  );
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function providerOf({ stream }: RecordedEvent): string | undefined {
  const identity = parseStream(stream);
  return identity?.kind === 'payment' ? identity.provider : undefined;
}

function objectOf({ stream }: RecordedEvent): string | undefined {
  const identity = parseStream(stream);
  return identity?.kind === 'payment' ? identity.object : undefined;
}

/** What the names of all streams of a tenant begin with; `tenant-a` is also the beginning of `tenant-ab`. */
function prefixesOf(tenant: string): readonly string[] {
  const name = encodePart(tenant);
  return [
    ...['subscription', 'seat', 'attempts', 'notices', 'trial'].map((kind) => `${kind}-${name}_`),
    `tenant-${name}`,
  ];
}

function belongsTo({ stream }: RecordedEvent, tenant: string): boolean {
  const identity = parseStream(stream);
  return identity !== undefined && 'tenant' in identity && identity.tenant === tenant;
}
