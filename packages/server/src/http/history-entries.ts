/**
 * Events as histories show them: with the user ids of the people in them, and texts opened, as far as nobody was erased.
 *
 * @module
 */
import type { Because, Correction, EventRef, HistoryEntry } from '@perennial/audit';
import type { RecordedEvent } from '@perennial/event-store';
import type { ApiServices } from './services.ts';

type Vault = Pick<ApiServices['vault'], 'userIdsOf' | 'decrypt'>;
type Actor = { readonly type: string; readonly id: string };

/** Entries as they are answered, and who the people in them are. */
export type ShownEntries = {
  readonly events: readonly object[];
  /** User ids by person id. */
  readonly people: Readonly<Record<string, string>>;
  /** Person ids of whom nothing is known any more. */
  readonly erased: readonly string[];
};

/** Shows entries. */
export async function showEntries(entries: readonly HistoryEntry[], vault: Vault): Promise<ShownEntries> {
  const ids = new Set(entries.flatMap(personIdsOf));
  const users = await vault.userIdsOf(ids);
  const events = await Promise.all(entries.map((entry) => entryOf(entry, users, vault)));
  return { events, people: Object.fromEntries(users), erased: [...ids].filter((id) => !users.has(id)) };
}

/** Shows who did something. */
export function actorWith<A extends Actor>(actor: A, users: ReadonlyMap<string, string>): A & { userId?: string } {
  const userId = users.get(actor.id);
  return userId === undefined ? actor : { ...actor, userId };
}

/** Shows a reference to an event. */
export function refWith<R extends EventRef>(ref: R, users: ReadonlyMap<string, string>): R {
  return { ...ref, actor: actorWith(ref.actor, users) };
}

/** Shows a cause. */
export function becauseWith(because: Because, users: ReadonlyMap<string, string>): Because {
  if (because.kind === 'command') return { ...because, actor: actorWith(because.actor, users) };
  return because.kind === 'event' ? { ...because, event: refWith(because.event, users) } : because;
}

/** Whoever is a person in a reference to an event, or in a cause. */
export function peopleIn(because: Because): readonly string[] {
  if (because.kind === 'command') return personIn(because.actor);
  return because.kind === 'event' ? personIn(because.event.actor) : [];
}

/** The person id of an actor who is a person. */
export function personIn({ type, id }: Actor): readonly string[] {
  return type === 'user' || type === 'partner' || type === 'support' ? [id] : [];
}

function personIdsOf({ event, because, undoneBy, correctedBy }: HistoryEntry): readonly string[] {
  const { data, metadata } = event;
  const inData = typeof data === 'object' && data !== null && 'personId' in data ? [data.personId] : [];
  return [
    ...personIn(metadata.actor),
    ...inData.filter((id) => typeof id === 'string'),
    ...because.flatMap(peopleIn),
    ...(undoneBy === null ? [] : personIn(undoneBy.actor)),
    ...correctedBy.flatMap(({ actor }) => personIn(actor)),
  ];
}

/** What is encrypted in the event, for whoever may read the history; nothing of it once its author was erased. */
async function readableOf({ data, metadata }: RecordedEvent, vault: Vault): Promise<object | undefined> {
  const text = typeof data === 'object' && data !== null && 'text' in data ? data.text : undefined;
  const sealed = Object.entries({ reason: metadata.reason, text }).filter(
    (entry): entry is [string, string] => typeof entry[1] === 'string',
  );
  if (sealed.length === 0) return undefined;
  const opened = await Promise.all(sealed.map(async ([field, value]) => [field, await vault.decrypt(value)] as const));
  const texts = opened.flatMap(([field, result]) => (result.kind === 'text' ? [[field, result.text] as const] : []));
  const erased = opened.flatMap(([field, { kind }]) => (kind === 'erased' ? [field] : []));
  return { ...Object.fromEntries(texts), ...(erased.length > 0 && { erased }) };
}

/** An event as the timeline shows it: all fields, so that its hash can be checked from outside. */
async function entryOf(
  { event, because, undoneBy, correctedBy }: HistoryEntry,
  users: ReadonlyMap<string, string>,
  vault: Vault,
): Promise<object> {
  const { metadata } = event;
  const readable = await readableOf(event, vault);
  return {
    stream: event.stream,
    revision: event.revision,
    id: event.id,
    type: event.type,
    data: event.data,
    effectiveAt: metadata.effectiveAt,
    recordedAt: metadata.recordedAt,
    actor: actorWith(metadata.actor, users),
    commandId: metadata.commandId,
    correlationId: metadata.$correlationId,
    causationId: metadata.$causationId,
    policy: metadata.policy ?? null,
    catalogue: metadata.catalogue ?? null,
    reason: metadata.reason ?? null,
    ...(readable !== undefined && { readable }),
    schemaVersion: metadata.schemaVersion,
    hash: metadata.hash,
    prevHash: metadata.prevHash,
    position: String(event.position),
    because: because.map((cause) => becauseWith(cause, users)),
    undoneBy: undoneBy && refWith(undoneBy, users),
    correctedBy: correctedBy.map((correction: Correction) => refWith(correction, users)),
  };
}
