import type { PaymentFact } from '../payment/fact.ts';
import { subscriptionStatuses } from '../subscription/lifecycle.ts';
import type { Subject } from '../subscription/testing/subject.ts';
import { nextDeadline } from '../subscription/deadlines.ts';
import type { SubscriptionEvent } from '../subscription/events.ts';
import type { SubscriptionStatus } from '../subscription/header.ts';
import { factCases, type FactCase } from './fact-cases.ts';
import { table } from './table.ts';
import { words } from './words.ts';

/** What every state makes of every kind of payment fact (`domain.md 6.3`): decided, not described. */
export function factMatrix(): string {
  return table(
    ['payment fact', ...subscriptionStatuses],
    factCases.map((row) => [row.label, ...subscriptionStatuses.map((status) => outcomeOf(row, status))]),
  );
}

function outcomeOf(row: FactCase, status: SubscriptionStatus): string {
  const subject = row.subject(status);
  if (subject === undefined) return '—';
  if (row.before) subject.pay(row.before(subject));
  // What came before has led elsewhere already.
  const from = subject.header.status === status ? '' : `(${subject.header.status}) `;
  return `${from}${decided(subject, row.fact(subject))}`;
}

function decided(subject: Subject, given: PaymentFact): string {
  const before = subject.header;
  const from = subject.log.length;
  const decision = subject.pay(given);
  const { header } = subject;
  const events = [...new Set(subject.log.slice(from).map(eventText))];
  const outcome = 'outcome' in decision && decision.outcome !== undefined ? words(decision.outcome) : decision.kind;
  const told = events.length === 0 ? outcome : events.join(', ');
  if (header.status !== before.status) return `${told} → **${header.status}**`;
  const deadline = nextDeadline(header)?.kind;
  return deadline === undefined || deadline === nextDeadline(before)?.kind ? told : `${told}; then ${words(deadline)}`;
}

/** An event in words: its name, and the one word in it that says which of several things happened. */
function eventText({ type, data }: SubscriptionEvent): string {
  if (type === 'PaymentFactRecorded') return words(data.effect);
  const name = words(type.replace(/^Subscription/, ''));
  const detail = ['why', 'cause', 'reason'].map((key) => valueOf(data, key)).find((value) => value !== undefined);
  return detail === undefined ? name : `${name} (${words(detail)})`;
}

function valueOf(data: object, key: string): string | undefined {
  const value: unknown = Object.entries(data).find(([name]) => name === key)?.[1];
  return typeof value === 'string' ? value : undefined;
}
