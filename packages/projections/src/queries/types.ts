/**
 * Shapes of the answers (`contract.md`, "Response shapes"): at least these fields.
 *
 * @module
 */
import type {
  AppRow,
  DeviceRow,
  Instant,
  LicenseRow,
  NoticeKind,
  NoticeStatus,
  PlanRow,
  ProductKeyStatus,
  RedeemMode,
  UpcomingTransition,
  UserLicenseRow,
  Waiting,
} from '@perennial/domain';
import type { DueDeadlines, MatchablePayments } from '../ports.ts';

export type { AppAccess as Access } from '@perennial/domain';
export type { AppRow, DeviceRow, LicenseRow, PlanRow, UserLicenseRow };

/** Every answer says up to which event of the log it is complete: an opaque decimal string. */
export type AsOf = { readonly asOfPosition: string };

/** Read your writes: answer only once the read model has reached `minPosition` (a command's `position`). */
export type ReadOptions = { readonly minPosition?: string | bigint | undefined };

/** One of *Your products*. */
export type SubscriptionRow = {
  readonly tenant: string;
  readonly subscriptionId: string;
  readonly planId: string;
  readonly status: string;
  readonly displayStatus: string;
  readonly seats: { readonly purchased: number; readonly assigned: number };
  readonly termStart: Instant | null;
  readonly termEnd: Instant | null;
  readonly nextBilling: Instant | null;
  readonly deadline: { readonly kind: string; readonly at: Instant } | null;
  readonly recurringBilling: boolean;
  readonly disabledReasons: readonly string[];
  readonly holds: readonly unknown[];
  readonly pastDue: unknown;
  readonly trial: boolean;
  readonly version: number;
};

/** Where a payment that named no known subscription stands. */
export type InboxStatus = 'parked' | 'matched' | 'quarantined' | 'duplicate' | 'refund_due';

/** A line of the payment inbox. */
export type InboxRow = {
  readonly providerEventId: string;
  readonly provider: string;
  readonly providerObjectId: string;
  readonly status: InboxStatus;
  readonly reason: string;
  readonly receivedAt: Instant;
  readonly subscriptionRef: string | null;
  /** `<tenant>/<subscriptionId>`. */
  readonly matchedTo?: string;
  /** Of a parked one: since when somebody should look, as of the read. */
  readonly waiting?: Waiting;
};

/** A product key as its issuer sees it; the key itself is nowhere. */
export type ProductKeyRow = {
  /** Its hash. */
  readonly keyId: string;
  readonly last5: string;
  readonly status: ProductKeyStatus;
  /** Whether it could be redeemed now, by somebody; that a key was found says nothing of it. */
  readonly valid: boolean;
  /** What speaks against that. */
  readonly reasonCodes: readonly string[];
  readonly planId: string;
  readonly seats: number;
  readonly term: 'P1M' | 'P1Y' | 'P3Y';
  readonly issuedAt: Instant;
  readonly soldAt: Instant | null;
  readonly expiresAt: Instant | null;
  readonly blockedAt: Instant | null;
  readonly redeemedAt: Instant | null;
  /** Where it may be redeemed; null: everywhere. */
  readonly countries: readonly string[] | null;
  readonly batch: string | null;
  /** The order that has it, or has it reserved. */
  readonly order: {
    readonly tenant: string;
    readonly subscriptionId: string;
    readonly mode: RedeemMode;
    readonly reservedAt: Instant;
  } | null;
};

/** A seat that a move gave, and whose other half is not recorded. */
export type OpenMoveRow = {
  readonly tenant: string;
  /** The target. */
  readonly subscriptionId: string;
  readonly personId: string;
  readonly heldSince: number;
};

/** A notice and how it fares. */
export type NoticeRow = {
  readonly tenant: string;
  readonly subscriptionId: string;
  readonly noticeId: string;
  readonly kind: NoticeKind;
  readonly status: NoticeStatus;
  readonly deadline: { readonly kind: string; readonly at: Instant } | null;
  readonly dueAt: Instant;
  readonly sendBy: Instant;
  readonly attempt: number;
  readonly language: 'en' | 'nl';
  readonly text: { readonly subject: string; readonly body: string };
  /** Roles. */
  readonly recipients: readonly string[];
  readonly endedAt: Instant | null;
  readonly retryAt: Instant | null;
  readonly failure: string | null;
  readonly reference: string | null;
};

/** A notice that has to be looked at; `version` says why, and changes with what that rests on. */
export type DueNotice = {
  readonly tenant: string;
  readonly subscriptionId: string;
  readonly noticeId: string;
  readonly version: string;
};

/** A page of a list: `next` is passed as `after` to read on. */
export type Page = { readonly after?: string | undefined; readonly limit?: number | undefined };

/**
 * The reads. Each waits up to `waitMs` for `minPosition`.
 * @throws ReadModelBehindError (`READ_MODEL_BEHIND`) when the read model does not get there in time
 */
export type Queries = DueDeadlines & {
  subscriptions(
    tenant: string,
    options?: ReadOptions & Page,
  ): Promise<AsOf & { readonly subscriptions: readonly SubscriptionRow[]; readonly next?: string }>;
  /** Undefined when there is no such subscription (or it belongs to another tenant). */
  subscription(
    tenant: string,
    subscriptionId: string,
    options?: ReadOptions,
  ): Promise<(AsOf & SubscriptionRow) | undefined>;
  licenses(tenant: string, options?: ReadOptions): Promise<AsOf & { readonly licenses: readonly LicenseRow[] }>;
  userLicenses(
    tenant: string,
    userId: string,
    options?: ReadOptions,
  ): Promise<AsOf & { readonly licenses: readonly UserLicenseRow[] }>;
  apps(
    tenant: string,
    userId: string,
    options?: ReadOptions,
  ): Promise<AsOf & { readonly apps: readonly AppRow[]; readonly devices: readonly DeviceRow[] }>;
  paymentInbox(
    options?: ReadOptions & Page & { readonly status?: InboxStatus | undefined },
  ): Promise<AsOf & { readonly payments: readonly InboxRow[]; readonly next?: string }>;
  /** The object of a provider that one of its events is about, among those that are kept apart; undefined: none is. */
  paymentOf(providerEventId: string): Promise<{ readonly provider: string; readonly object: string } | undefined>;
  plans(options?: ReadOptions): Promise<AsOf & { readonly plans: readonly PlanRow[] }>;
  plan(planId: string, options?: ReadOptions): Promise<(AsOf & PlanRow) | undefined>;
  /** Keys that end in these five characters, oldest first. */
  productKeys(last5: string, options?: ReadOptions): Promise<AsOf & { readonly keys: readonly ProductKeyRow[] }>;
  /** Ids of keys with an order to be finished, or whose time is over at `now`: a port of the process manager. */
  openKeys(now: Instant, limit: number): Promise<readonly string[]>;
  /** What a person has, with the apps that are off: a port of the guards of assignments. */
  licensesOf(
    tenant: string,
    personId: string,
  ): Promise<
    readonly { readonly subscriptionId: string; readonly planId: string; readonly appsOff: readonly string[] }[]
  >;
  /** Moves of licences to be finished: a port of the process manager. */
  openMoves(limit: number): Promise<readonly OpenMoveRow[]>;
  /** What people are told, in the order in which it was due. */
  notices(
    tenant: string,
    options?: ReadOptions &
      Page & { readonly status?: NoticeStatus | undefined; readonly subscriptionId?: string | undefined },
  ): Promise<AsOf & { readonly notices: readonly NoticeRow[]; readonly next?: string }>;
  /** Where notices have to be looked at: a port of their role. */
  noticesDue(now: Instant, limit: number, after?: DueNotice): Promise<readonly DueNotice[]>;
  /** The next automatic transition of each subscription that falls into `[from, to)`, in order. */
  upcoming(
    tenant: string,
    options?: ReadOptions & Page & { readonly from?: Instant | undefined; readonly to?: Instant | undefined },
  ): Promise<
    AsOf & {
      readonly deadlines: readonly { readonly subscriptionId: string; readonly at: Instant; readonly kind: string }[];
      readonly next?: string;
    }
  >;
  /** Every automatic transition ahead of one subscription, if nothing else happens; undefined when there is none such. */
  upcomingOf(
    tenant: string,
    subscriptionId: string,
    options?: ReadOptions,
  ): Promise<(AsOf & { readonly upcoming: readonly UpcomingTransition[] }) | undefined>;
  /** People whose erasure is recorded behind a position, in the order of the log: a port of the role that finishes it. */
  erasedPeople(
    after: bigint,
    limit: number,
  ): Promise<readonly { readonly personId: string; readonly position: bigint }[]>;
  /** Up to which position of the log the read model is complete; -1 while it is empty. */
  watermark(): Promise<bigint>;
  /** Port of the matcher. */
  readonly matchable: MatchablePayments;
};
