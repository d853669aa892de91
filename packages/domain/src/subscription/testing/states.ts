import type { SubscriptionStatus } from '../header.ts';
import { Subject, fact } from './subject.ts';

/** A payment method that every guard accepts. */
export const card = { kind: 'card', token: 'tok_1', country: 'NL', expires: '2099-12' } as const;

type Options = Parameters<typeof Subject.created>[0];

/** A subscription in each state, a yearly term begun on 2026-06-01, with what led to it. */
export const inState: { readonly [S in SubscriptionStatus]: (body?: Options) => Subject } = {
  pending: (body) => Subject.created(body),
  active: (body) => Subject.active(body),
  expired: (body) => advanced(Subject.active(body), '2027-06-05'),
  disabled: (body) => advanced(Subject.active(body), '2027-07-05'),
  cancelled: (body) => {
    const subject = Subject.active(body);
    subject.now = '2026-06-01T01:00:00.000Z';
    subject.pay(fact('settled', '2026-06-01T01:00', { id: 'first', amount: { minor: 100_000, currency: 'EUR' } }));
    subject.now = '2026-09-01T00:00:00.000Z';
    subject.accept('cancel-now');
    return subject;
  },
  reactivated: (body) => {
    const subject = inState.expired(body);
    subject.accept('reactivate', { paymentMethod: card });
    return subject;
  },
  deleted: (body) => advanced(Subject.active(body), '2027-12-01'),
};

/** The same with Alice holding a seat since it was active, by its third event; where none can be held, without. */
export function holding(status: SubscriptionStatus): Subject {
  if (status === 'pending') return inState.pending();
  const subject = inState.active();
  subject.accept('assign-license', { personId: 'alice' });
  if (status === 'expired' || status === 'reactivated') subject.tick('2027-06-05');
  if (status === 'reactivated') subject.accept('reactivate', { paymentMethod: card });
  if (status === 'disabled') subject.accept('disable', { reason: 'admin' });
  if (status === 'cancelled') subject.accept('cancel-now');
  if (status === 'deleted') subject.tick('2027-12-01');
  return subject;
}

function advanced(subject: Subject, to: string): Subject {
  subject.tick(to);
  return subject;
}
