/**
 * Random histories of one subscription: facts, commands and timer runs, in any order.
 *
 * @module
 */
import * as fc from 'fast-check';
import type { PaymentFact } from '../../payment/fact.ts';
import { policyNames } from '../../policy/index.ts';
import type { SubscriptionCommandName } from '../commands.ts';
import { pagedGet } from '../paged-map.ts';
import { furtherCommands } from './further-commands.ts';
import { Subject, at, fact } from './subject.ts';
import { card } from './states.ts';

const start = Date.parse('2027-01-31T10:00:00.000Z');
const hour = 3_600_000;
const disputes = ['dispute_opened', 'dispute_opened', 'dispute_won', 'dispute_lost'] as const;

/** One step of a history. */
export type Step = {
  readonly hours: number;
  readonly fact?: PaymentFact;
  /** The body, or what makes it of the subscription as it is then. */
  readonly command?: readonly [SubscriptionCommandName, unknown?];
};

const kinds = ['settled', 'settled', 'failed', 'refunded', 'voided', ...disputes] as const;

const payments = fc
  .record({
    kind: fc.constantFrom(...kinds),
    object: fc.constantFrom('in_1', 'in_2', 'in_3'),
    hours: fc.oneof(fc.integer({ min: -30, max: 130 * 24 }), fc.constantFrom(0, 23, 28 * 24, 59 * 24)),
    lateDays: fc.constantFrom(0, 0, 0, 1, 20, 70),
    minor: fc.constantFrom(500, 1000, 1000, 3000),
    final: fc.boolean(),
    id: fc.uuid(),
  })
  .map(({ kind, object, hours, lateDays, minor, final, id }): Step => ({
    hours: hours + lateDays * 24,
    fact: fact(kind, new Date(start + hours * hour).toISOString(), {
      id: object,
      eventId: id,
      amount: { minor, currency: 'EUR' },
      ...(final ? { nextAttemptAt: null } : {}),
    }),
  }));

const moved = { subscriptionId: 's2', commandId: 'move', commandHash: '' };

function movedOut(personId: string): (subject: Subject) => unknown {
  return ({ state, now }) => ({
    personId,
    heldSince: pagedGet(state.seats, personId)?.heldSince ?? 0,
    to: { subscriptionId: 's2', revision: 2, assignedAt: now },
  });
}

const commands = fc
  .record({
    hours: fc.integer({ min: 0, max: 150 * 24 }),
    command: fc.constantFrom<readonly [SubscriptionCommandName, unknown?]>(
      ['activate'],
      ['cancel-now'],
      ['cancel-at-term-end'],
      ['undo-scheduled-cancel'],
      ['reactivate', { paymentMethod: card }],
      ['reactivate', { paymentMethod: { ...card, kind: 'bank' } }],
      ['reactivate', { requireInTerm: true }],
      ['set-recurring-billing', { on: false }],
      ['set-recurring-billing', { on: true }],
      ['disable', { reason: 'admin' }],
      ['disable', { reason: 'fraud' }],
      ['assign-license', { personId: 'alice' }],
      ['assign-license', { personId: 'bob' }],
      ['unassign-license', { personId: 'alice' }],
      // Both halves of a move: in from another subscription, and out to it.
      ['assign-license', { personId: 'bob', movedFrom: { ...moved, heldSince: 2 } }],
      ['move-license', movedOut('alice')],
      ['move-license', movedOut('bob')],
      ['add-payment-method', { paymentMethod: card }],
      ['replace-payment-method', { paymentMethod: { ...card, token: 'tok_2' } }],
      ...furtherCommands,
    ),
  })
  .map((step): Step => step);

const ticks = fc.integer({ min: 0, max: 160 * 24 }).map((hours): Step => ({ hours }));

/** The default most often. */
const profiles = ['direct-mosa-2020', 'direct-mosa-2020', ...policyNames()];

/** A history, in the order in which it becomes known. */
export const histories = fc.record({
  steps: fc
    .array(
      fc.oneof({ arbitrary: payments, weight: 3 }, { arbitrary: commands, weight: 3 }, { arbitrary: ticks, weight: 2 }),
      {
        minLength: 1,
        maxLength: 14,
      },
    )
    .map((steps) => [...steps].sort((a, b) => a.hours - b.hours)),
  price: fc.constantFrom(undefined, { minor: 1000, currency: 'EUR' }),
  trial: fc.boolean(),
  activated: fc.boolean(),
  profile: fc.constantFrom(...profiles),
});

/** Runs a history; `each` sees the subject before every step and after the last. */
export function replay(
  { steps, price, trial, activated, profile }: typeof histories extends fc.Arbitrary<infer T> ? T : never,
  each: (subject: Subject, step: Step | undefined) => void = () => {},
  created: Parameters<typeof Subject.created>[0] = {},
): Subject {
  const subject = Subject.created(
    {
      seats: 1,
      term: 'P1M',
      profile,
      ...(price === undefined ? {} : { price }),
      trial: trial && !activated,
      ...created,
    },
    at('2027-01-31T10:00'),
  );
  if (activated) subject.accept('activate');
  for (const step of steps) {
    const now = new Date(start + step.hours * hour).toISOString();
    if (now > subject.now) subject.now = now;
    each(subject, step);
    if (step.fact) subject.pay(step.fact);
    else if (step.command) subject.command(...step.command);
    else subject.tick();
  }
  each(subject, undefined);
  return subject;
}
