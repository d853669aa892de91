import type { Projection } from '../projection/projection.ts';
import { catalogueHead, plans } from './catalogue.ts';
import { licenseMoves } from './license-moves.ts';
import { erasedPeople, tenants } from './erased-people.ts';
import { keyLedger } from './product-keys.ts';
import { noticeNews, noticeStreams, notices } from './notices.ts';
import { paymentLinks } from './payment-links.ts';
import { paymentInbox, paymentReferences, referenceSteps, refundsDue } from './payments.ts';
import { seatUses } from './seats.ts';
import { subscriptions } from './subscriptions.ts';
import { userLicenses } from './user-licenses.ts';

/** Every projection of this release: one version set. */
export const allProjections: readonly Projection[] = [
  subscriptions,
  userLicenses,
  licenseMoves,
  seatUses,
  paymentLinks,
  refundsDue,
  paymentInbox,
  paymentReferences,
  referenceSteps,
  catalogueHead,
  plans,
  keyLedger,
  noticeNews,
  noticeStreams,
  notices,
  tenants,
  erasedPeople,
];
