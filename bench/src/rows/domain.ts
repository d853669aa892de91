import {
  decide,
  evolve,
  evolveAll,
  initialSubscription,
  type SubscriptionCommand,
  type SubscriptionInput,
  type SubscriptionState,
} from '@perennial/domain';
import { contextOf, factOf, historyOf, renewal } from '../load/history.ts';
import { assignOneMore, manySeatsHistory, oneSeatMore } from '../load/many-seats.ts';
import type { Row } from '../report/report.ts';
import { cpuMeasured } from './cpu-measured.ts';

const subscription = { tenant: 'tenant-0', subscriptionId: 's-0' };
const beganAt = new Date('2027-01-10T00:00:00.000Z');
const switchedOff: SubscriptionCommand = { name: 'set-recurring-billing', body: { on: false } };

/** The rules alone, without any engine: folding a history, and deciding. In CPU time of this process. */
export function domainRows(): Row[] {
  const rows: Row[] = [];
  for (const eventCount of [100, 1_000]) {
    const { events } = historyOf(subscription, eventCount, beganAt);
    const fold = (): void => void evolveAll(initialSubscription, events);
    rows.push(cpuMeasured({ id: `fold.${eventCount}`, unitCount: eventCount }, fold));
    const each = (): void => void events.reduce(evolve, initialSubscription);
    rows.push(cpuMeasured({ id: `fold.${eventCount}.each`, unitCount: eventCount }, each));
  }
  const few = historyOf(subscription, 20, beganAt);
  rows.push(decision('decide.renewal', few, renewal(factOf(subscription, 'next', new Date(few.now)))));
  rows.push(decision('decide.command', few, command(switchedOff)));
  const many = manySeatsHistory(subscription, beganAt);
  rows.push(decision('decide.manySeats', many, command(assignOneMore)));
  const more = oneSeatMore(many.state, many.now, 64);
  let turn = 0;
  const foldOne = (): void => {
    const event = more[turn++ % more.length];
    if (event) evolve(many.state, event);
  };
  rows.push(cpuMeasured({ id: 'fold.manySeats', unitCount: 1 }, foldOne));
  return rows;
}

function command(given: SubscriptionCommand): SubscriptionInput {
  return { kind: 'command', command: given, commandId: 'next', commandHash: 'next' };
}

function decision(
  id: string,
  { state, now }: { readonly state: SubscriptionState; readonly now: string },
  input: SubscriptionInput,
): Row {
  const context = contextOf(subscription, now);
  const { kind } = decide(state, input, context);
  if (kind !== 'accepted') throw new TypeError(`${id} is ${kind}`);
  return cpuMeasured({ id, unitCount: 1 }, () => void decide(state, input, context));
}
