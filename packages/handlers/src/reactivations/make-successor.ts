/**
 * A reactivation that makes a new subscription (`domain.md 6.1`, MCA), across two streams: the old one reserves it, the new
 * one is created, activated and given the licences, the old one says that it has started. Every id follows from the
 * reservation, which is the whole state: whoever finds it open can go on.
 *
 * @module
 */
import {
  pagedEntries,
  subscriptionStream,
  type SubscriptionCommand,
  type SubscriptionHeader,
  type SubscriptionState,
} from '@perennial/domain';
import { commandHash } from '../command-handling/command-identity.ts';
import type { AnsweredEvent, Cause, CommandResult } from '../command-handling/command-service.ts';
import { executeCommand } from '../command-handling/execute-command.ts';
import { previewCommands } from '../command-handling/preview-commands.ts';
import { nothing } from '../command-handling/subscription-writer.ts';
import { moveLicense } from '../licenses/move-license.ts';
import type { SeatWriter } from '../seats/execute-seat-command.ts';

/** The old subscription, with what it reserved. */
export type Reserved = {
  readonly tenant: string;
  readonly subscriptionId: string;
  readonly state: SubscriptionState;
  readonly header: SubscriptionHeader;
  readonly successor: NonNullable<SubscriptionHeader['successor']>;
};

/** How far it came: the events of the new subscription, or why there is none. */
export type Made =
  | { readonly kind: 'made'; readonly isComplete: boolean; readonly events: readonly AnsweredEvent[] }
  | Extract<CommandResult, { kind: 'refused' }>;

/** Goes on where it stands; at most so many licences are moved in this call. */
export async function makeSuccessor(
  writer: SeatWriter,
  reserved: Reserved,
  { cause, moveCountMax }: { readonly cause: Cause; readonly moveCountMax: number },
): Promise<Made> {
  const events: AnsweredEvent[] = [];
  for (const step of steps(reserved)) {
    const result = await give(writer, reserved, { ...step, cause });
    if (result.kind === 'accepted' || result.kind === 'repeated') {
      events.push(...result.events);
    } else if (step.suffix === 'create') {
      const refused = codesOf(result);
      await settle(writer, reserved, { cause, refused });
      return result.kind === 'refused' ? result : { kind: 'refused', reasonCodes: refused, remedies: [] };
    }
  }
  const isComplete = await moveLicenses(writer, reserved, { cause, moveCountMax });
  if (isComplete) await settle(writer, reserved, { cause });
  return { kind: 'made', isComplete, events };
}

/**
 * What would be made, with nothing appended: the answer of the new subscription's own commands. A payment method that it
 * would not take is left out, as when it is made. Licences are moved afterwards.
 */
export async function previewSuccessor(
  { subscriptions: writer }: SeatWriter,
  reserved: Reserved,
  cause: Cause,
): Promise<CommandResult> {
  const { tenant, successor } = reserved;
  const about = { ...cause, tenant, subscriptionId: successor.subscriptionId };
  const all = steps(reserved);
  const asked = (some: readonly Step[]) =>
    previewCommands(writer, {
      ...about,
      steps: some.map(({ suffix, command }) => ({ command, commandId: stepId(reserved, suffix) })),
    });
  const { result, refusedStep } = await asked(all);
  const isMethodRefused = refusedStep !== null && all[refusedStep]?.suffix === 'method';
  return isMethodRefused ? (await asked(all.filter(({ suffix }) => suffix !== 'method'))).result : result;
}

function stepId({ successor }: Reserved, suffix: string): string {
  return `reactivation:${successor.reactivationId}:${suffix}`;
}

type Step = { readonly suffix: string; readonly command: SubscriptionCommand };

/** What becomes of it: the same commitment, from today, paid in the way that is known. A method may be refused. */
function steps({ subscriptionId, header, successor }: Reserved): Step[] {
  const { order } = successor;
  const { paymentMethod } = header;
  const body = { ...order, trial: false, providerRefs: {}, reactivatedFrom: subscriptionId };
  return [
    { suffix: 'create', command: { name: 'create', body } },
    ...(paymentMethod === null
      ? []
      : [{ suffix: 'method', command: { name: 'add-payment-method', body: { paymentMethod } } as const }]),
    { suffix: 'activate', command: { name: 'activate', body: {} } },
  ];
}

async function give(
  writer: SeatWriter,
  reserved: Reserved,
  { suffix, command, cause }: Step & { readonly cause: Cause },
): Promise<CommandResult> {
  const { tenant, successor } = reserved;
  const { subscriptionId, reactivationId } = successor;
  const { result } = await executeCommand(writer.subscriptions, {
    ...cause,
    tenant,
    subscriptionId,
    command,
    commandId: stepId(reserved, suffix),
    // One step of one reservation, whatever has become known of the old subscription since.
    fingerprint: `${reactivationId}:${suffix}`,
  });
  return result;
}

/** Whoever may not have a licence there keeps the old one. True: nobody is left. */
async function moveLicenses(
  writer: SeatWriter,
  { tenant, subscriptionId, state, successor }: Reserved,
  { cause, moveCountMax }: { readonly cause: Cause; readonly moveCountMax: number },
): Promise<boolean> {
  let count = 0;
  for (const [personId] of pagedEntries(state.seats)) {
    if (count === moveCountMax) return false;
    const { result } = await moveLicense(writer, {
      ...cause,
      tenant,
      subscriptionId,
      command: { name: 'move-license', body: { personId, toSubscriptionId: successor.subscriptionId } },
      commandId: `reactivation:${successor.reactivationId}:move:${personId}`,
    });
    if (result.kind === 'accepted') count += 1;
  }
  return true;
}

/** The reservation is closed: it runs, or it could not be made. */
async function settle(
  { subscriptions: writer }: SeatWriter,
  { tenant, subscriptionId, successor }: Reserved,
  { cause, refused }: { readonly cause: Cause; readonly refused?: readonly string[] },
): Promise<void> {
  const target = { tenant, subscriptionId };
  const commandId = `reactivation:${successor.reactivationId}:${refused === undefined ? 'started' : 'released'}`;
  const command: SubscriptionCommand = { name: 'reactivate', body: {} };
  const hash = commandHash(command, target);
  const input = {
    kind: 'successor',
    successorId: successor.subscriptionId,
    ...(refused === undefined ? {} : { refused }),
    commandId,
    commandHash: hash,
  } as const;
  await writer.subscriptions.transact(subscriptionStream(tenant, subscriptionId), async ({ state }) => {
    const decision = writer.decide(state, input, writer.context({ target, caller: cause, state }));
    if (decision.kind !== 'accepted') return nothing(undefined);
    const policy = state.header?.policy;
    const events = await writer.seal(decision.events, { tenant, cause, commandId, commandHash: hash, policy });
    return { events, answer: undefined };
  });
}

function codesOf(result: CommandResult): readonly string[] {
  return result.kind === 'refused' ? result.reasonCodes : [result.kind.toUpperCase().replaceAll('-', '_')];
}
