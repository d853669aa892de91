import type { DeadlineKind } from '../subscription/header.ts';

/** What people are told, as stable codes (`domain.md 1.10`, `domain.md 6.3`, `domain.md 6.6`). */
export const noticeKinds = [
  'term_ending',
  'trial_ending',
  'cancellation_ahead',
  'grace_ending',
  'retention_ending',
  'replaced_ending',
  'reactivation_unpaid',
  'first_payment_awaited',
  'payment_overdue',
  'dispute_disabling',
  'seat_conflict',
  'seat_change_ahead',
  'plan_change_ahead',
  'hold_ending',
  'card_expiring',
  'payment_failed',
  'payment_action_required',
  'payment_credited',
] as const;

/** See {@link noticeKinds}. */
export type NoticeKind = (typeof noticeKinds)[number];

/** What a notice warns of: an automatic transition, or a card that can no longer be charged. */
export type NoticedDeadlineKind = DeadlineKind | 'card-expiry';

/** The deadline of a notice. */
export type NoticeDeadline = { readonly kind: NoticedDeadlineKind; readonly at: string };

/** The languages that texts are written in. */
export const noticeLanguages = ['en', 'nl'] as const;

/** See {@link noticeLanguages}. */
export type NoticeLanguage = (typeof noticeLanguages)[number];

/** How a notice fares. */
export const noticeStatuses = ['queued', 'sent', 'failed', 'withdrawn', 'lapsed'] as const;

/** See {@link noticeStatuses}. */
export type NoticeStatus = (typeof noticeStatuses)[number];
