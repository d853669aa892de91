/**
 * What Support, operators and whoever pays ask beside the lifecycle's own commands (`domain.md 6.2`).
 *
 * @module
 */
import type { Money } from '../../money.ts';
import type { DecidedEvent } from '../events.ts';
import type { SubscriptionHeader } from '../header.ts';
import type { MachineEventOf, Situation } from '../situation.ts';
import { methodGiven } from './settings.ts';
import { amountOpen, methodKind, opened, reactivationDue } from './reactivation.ts';

/** Support's override: back in service with nothing to pay; `confirm` follows at once and clears every reason. */
export function supportReactivate(
  situation: Situation,
  { body, memory }: MachineEventOf<'support-reactivate'>,
): DecidedEvent[] {
  const { caller, header } = situation;
  return [
    ...(caller === null || body.paymentMethod === undefined ? [] : methodGiven(situation, body.paymentMethod)),
    ...opened(situation, {
      id: memory?.reactivationId ?? caller?.newId ?? '',
      method: memory?.methodKind ?? methodKind(header, body.paymentMethod),
      waiver: { ticket: body.ticket, reason: body.reason },
    }),
  ];
}

/** Asks for what is owed to be charged now. Money ends arrears, not the wish to pay: only a settled payment does. */
export function requestBalancePayment({ header, at }: Situation): DecidedEvent[] {
  const isOwing =
    header.pastDue !== null ||
    header.balance !== null ||
    header.reactivation !== null ||
    header.disabledReasons.includes('nonpayment');
  if (!isOwing) return [];
  const amount = owed(header);
  return [
    {
      type: 'BalancePaymentRequested',
      data: {
        ...(amount === null ? {} : { amount }),
        ...(header.reactivation === null ? {} : { reactivationId: header.reactivation.reactivationId }),
      },
      effectiveAt: at,
    },
  ];
}

/** What is owed, as far as it is known; for an open reactivation what still settles it. */
export function owed(header: SubscriptionHeader): Money | null {
  if (header.reactivation === null) return header.balance;
  const open = amountOpen(header, reactivationDue(header));
  const currency = header.price?.currency ?? header.balance?.currency;
  return open === null || open === 0 || currency === undefined ? null : { minor: open, currency };
}

/** The expiry of the method in use; its number is replaced, never changed (`domain.md 1.6`). */
export function updatePaymentMethod(
  { header, at }: Situation,
  { body }: MachineEventOf<'update-payment-method'>,
): DecidedEvent[] {
  if (header.paymentMethod === null) return [];
  const { expires } = body;
  const paymentMethod = { ...header.paymentMethod, ...(expires === undefined ? {} : { expires }) };
  return [{ type: 'PaymentMethodChanged', data: { change: 'updated', paymentMethod }, effectiveAt: at }];
}

/** That the data was taken out, and by whom, is part of the audit. */
export function exportData({ at }: Situation): DecidedEvent[] {
  return [{ type: 'DataExported', data: {}, effectiveAt: at }];
}

/** A text for whoever reads the history. */
export function addNote({ at }: Situation, { body }: MachineEventOf<'add-note'>): DecidedEvent[] {
  return [{ type: 'NoteAdded', data: { text: body.text }, effectiveAt: at }];
}

/** Says that a recorded event was wrong, and what it should have said. History itself stays as it is. */
export function correctFact({ at }: Situation, { body }: MachineEventOf<'correct-fact'>): DecidedEvent[] {
  const { eventId, correction, reason } = body;
  return [
    {
      type: 'FactCorrected',
      data: { corrects: eventId, ...(correction === undefined ? {} : { correction }) },
      effectiveAt: at,
      reason,
    },
  ];
}
