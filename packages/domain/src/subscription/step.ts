/**
 * One step of the machine, as a pure function. `transition()` builds a whole actor for each call (20 to 30 µs); here one
 * inert scope is reused. That signature is half internal to xstate, so it is used in this file only, and a test compares
 * it with `transition()`.
 *
 * @module
 */
import { createActor } from 'xstate';
import type { DecidedEvent } from './events.ts';
import { subscriptionMachine } from './machine.ts';
import { answeringStatus } from './guards.ts';
import type { MachineEvent, Situation } from './situation.ts';

type Scope = Parameters<typeof subscriptionMachine.transition>[2];
type Snapshot = Parameters<typeof subscriptionMachine.transition>[0];

let emitted: DecidedEvent[] = [];
let stepCount = 0;

const actor = createActor(subscriptionMachine);
const inertScope: Scope = {
  self: actor,
  system: actor.system,
  id: '',
  sessionId: '',
  logger: ignore,
  defer: ignore,
  emit: ignore,
  stopChild: ignore,
  actionExecutor: (action) => {
    const event = emittedBy(action);
    if (event) emitted.push(event);
  },
};

/** The snapshot of the machine in a situation: its state is the folded status. */
export function snapshotOf(situation: Situation, event?: Pick<MachineEvent, 'type'>): Snapshot {
  // What is known of a payment method is beside the lifecycle: it may change until the deletion is written.
  const isFact = event !== undefined && event.type.startsWith('fact.') && event.type !== 'fact.method_updated';
  // Once deletion is due, a payment comes too late, whether or not a tick has written the deletion yet.
  const value = isFact ? answeringStatus(situation) : situation.header.status;
  return subscriptionMachine.resolveState({ value, context: situation });
}

/** What the machine emits; `null` when it has no transition for the event here. */
export function step(situation: Situation, event: MachineEvent): readonly DecidedEvent[] | null {
  const snapshot = snapshotOf(situation, event);
  emitted = [];
  subscriptionMachine.transition(snapshot, event, inertScope);
  const events = emitted;
  emitted = [];
  // Asked only here: it asks every guard once more.
  if (events.length === 0 && !snapshot.can(event)) return null;
  stepCount += 1;
  return events;
}

/** How many steps are taken meanwhile: what a decision costs, whatever it runs on. */
export function countSteps(run: () => void): number {
  const before = stepCount;
  run();
  return stepCount - before;
}

/** The event behind an emit action; xstate's types leave this action out. */
export function emittedBy(action: { readonly type: string; readonly params?: unknown }): DecidedEvent | undefined {
  if (action.type !== 'xstate.emit') return undefined;
  return (action.params as { readonly event: DecidedEvent }).event;
}

function ignore(): void {}
