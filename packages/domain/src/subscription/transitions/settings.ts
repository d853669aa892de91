/**
 * What changes without a change of state: seats, the payment method, recurring billing.
 *
 * @module
 */
import type { DecidedEvent } from '../events.ts';
import type { PaymentMethod } from '../header.ts';
import type { MachineEventOf, Situation } from '../situation.ts';
import { laterOf } from '../terms.ts';
import { dropScheduled } from './schedule.ts';

/** On or off; asking for what holds already changes nothing. */
export function setRecurringBilling(
  { header, at }: Situation,
  { body }: MachineEventOf<'set-recurring-billing'>,
): DecidedEvent[] {
  if (header.recurringBilling === body.on) return [];
  if (body.on) return [{ type: 'RecurringBillingTurnedOn', data: {}, effectiveAt: at }];
  // With it goes what waits for the renewal (`domain.md 1.3`).
  return [
    { type: 'RecurringBillingTurnedOff', data: {}, effectiveAt: at },
    ...dropScheduled({ header, at }, 'recurring_billing_off'),
  ];
}

/** Payment details that came with another command. */
export function methodGiven({ header, at }: Situation, method: PaymentMethod): DecidedEvent[] {
  const change = header.paymentMethod === null ? 'added' : 'replaced';
  return [{ type: 'PaymentMethodChanged', data: { change, paymentMethod: method }, effectiveAt: at }];
}

/** The method that later charges use; the last one given is the one in use. */
export function changePaymentMethod(
  { at }: Situation,
  { type, body }: MachineEventOf<'add-payment-method' | 'replace-payment-method'>,
): DecidedEvent[] {
  return [
    {
      type: 'PaymentMethodChanged',
      data: { change: type === 'add-payment-method' ? 'added' : 'replaced', paymentMethod: body.paymentMethod },
      effectiveAt: at,
    },
  ];
}

/** A person gets a seat. */
export function assignLicense({ at }: Situation, { body }: MachineEventOf<'assign-license'>): DecidedEvent[] {
  const { personId, appsOff, movedFrom } = body;
  return [
    {
      type: 'LicenseAssigned',
      data: { personId, appsOff, source: 'direct', ...(movedFrom === undefined ? {} : { movedFrom }) },
      effectiveAt: at,
    },
  ];
}

/** A seat becomes free. */
export function unassignLicense({ at }: Situation, { body }: MachineEventOf<'unassign-license'>): DecidedEvent[] {
  const { personId, cause } = body;
  return [
    {
      type: 'LicenseUnassigned',
      data: { personId, ...(cause === undefined ? {} : { cause }) },
      effectiveAt: at,
    },
  ];
}

/** A seat becomes free, because its person has one elsewhere: never before they have, whichever clock says when. */
export function moveLicense({ at }: Situation, { body }: MachineEventOf<'move-license'>): DecidedEvent[] {
  const { personId, heldSince, to } = body;
  const { subscriptionId, revision } = to;
  return [
    {
      type: 'LicenseMoved',
      data: { personId, heldSince, to: { subscriptionId, revision } },
      effectiveAt: laterOf(at, to.assignedAt),
    },
  ];
}
