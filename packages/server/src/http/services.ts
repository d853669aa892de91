/**
 * The ports of the HTTP server: everything it asks of the rest of Perennial. Composition fills them with the command
 * service, the queries and the engines; tests fill them with doubles in memory.
 *
 * @module
 */
import type {
  Audit,
  Evidence,
  EvidenceScope,
  LogRoot,
  LogVerdict,
  PublishedRoot,
  VerifyProgress,
} from '@perennial/audit';
import type { Instant } from '@perennial/domain';
import type { Actor } from '@perennial/event-store';
import type {
  CommandService,
  NoticeService,
  Erasures,
  ParkedMessages,
  PaymentCloudEvent,
  PersonVault,
  ProductKeyService,
  PublishOutcome,
  RawPayment,
  RoleStatus,
  TenantService,
} from '@perennial/handlers';
import type { Queries } from '@perennial/projections';

/** Statuses of the payment inbox that may be asked for. */
export const inboxStatuses = ['parked', 'matched', 'quarantined', 'duplicate', 'refund_due'] as const;

/** The reads that HTTP offers. */
export type QueryPort = Pick<
  Queries,
  | 'subscriptions'
  | 'subscription'
  | 'licenses'
  | 'userLicenses'
  | 'apps'
  | 'paymentInbox'
  | 'plans'
  | 'plan'
  | 'notices'
  | 'upcoming'
  | 'upcomingOf'
>;

/** Where payments are stored before anything looks at them; each call resolves once the broker has stored the message. */
export type PaymentPort = {
  publish(event: PaymentCloudEvent): Promise<PublishOutcome>;
  /** Stores a provider's raw bytes; `messageId` is what the broker recognises a repeat by. */
  publishRaw(message: RawPayment): Promise<PublishOutcome>;
};

/** Who asks for a change outside a subscription, and under which ids it is recorded. */
export type Provenance = { readonly actor: Actor; readonly commandId: string; readonly correlationId: string };

/** The clock of the running system. `advanceTo` is the barrier of `contract.md` (POST clock), never asked to go back. */
export type ClockPort = {
  now(): Instant;
  readonly virtual: boolean;
  advanceTo(to: Instant, by: Provenance): Promise<{ readonly now: Instant; readonly position: string }>;
};

/** A projection, and how far it is behind the log. */
export type ProjectionStatus = {
  readonly name: string;
  readonly version: number;
  readonly state: string;
  readonly watermark: string;
  /** Events or positions it is behind, as text for people. */
  readonly lag: string;
};

/** What comparing read models with the log showed. */
export type ProjectionComparison = {
  readonly equal: boolean;
  /** For people, a line each. */
  readonly detail: readonly string[];
  readonly position: string;
  readonly eventCount: number;
  readonly eventsPerSecond: number;
  readonly tables: readonly { readonly table: string; readonly rowCount: number; readonly digest: string }[];
  /** Rows that differ, at most 100. */
  readonly rows: readonly {
    readonly table: string;
    readonly stream: string;
    readonly key: string;
    readonly kind: 'missing' | 'unexpected' | 'different';
    readonly fields: readonly string[];
  }[];
};

/** A version set: the tables of all projections, live, being built, or kept for going back. */
export type ProjectionSetStatus = {
  readonly set: string;
  readonly status: 'active' | 'building' | 'kept';
  readonly purpose: 'release' | 'rebuild' | 'verify';
  readonly projections: readonly string[];
  readonly state: string;
  readonly position: string;
  readonly logEnd: string;
  /** Of the log, by position. */
  readonly percent: number;
  readonly eventCount: number;
  readonly eventsPerSecond: number;
  readonly etaSeconds: number | null;
  /** What is folded from the log while it is built; null for all. */
  readonly folded: readonly string[] | null;
  readonly switches: 'by-itself' | 'by-hand';
  readonly parity: ProjectionComparison | null;
};

/** What the read side offers operators; a method that is left out answers 501. */
export type ProjectionPort = {
  list(): Promise<{
    readonly projections: readonly ProjectionStatus[];
    readonly sets: readonly ProjectionSetStatus[];
  }>;
  readonly verify?: () => Promise<ProjectionComparison>;
  readonly rebuild?: (options: {
    readonly isByHand: boolean;
    /** The name of one projection; default all. */
    readonly only?: string;
  }) => Promise<{
    readonly started: boolean;
    readonly set: string;
    readonly projections: readonly string[];
    readonly detail: string;
  }>;
  readonly switchOver?: () => Promise<ProjectionComparison>;
  readonly switchBack?: () => Promise<{ readonly set: string }>;
  readonly dropKept?: () => Promise<{ readonly dropped: boolean }>;
};

/** Publishes a catalogue. */
export type CataloguePort = {
  importCsv(
    text: string,
    by: Provenance,
  ): Promise<{
    readonly version: string;
    readonly planCount: number;
    readonly oddities: readonly { readonly line: number; readonly code: string; readonly message: string }[];
    readonly position: string;
  }>;
};

/** Product keys: the process that redeems them, and the ledger. */
export type ProductKeyPort = {
  readonly service: Pick<ProductKeyService, 'issue' | 'sell' | 'block' | 'redeem' | 'redeemSeveral'>;
  /** Keys by their last five characters. */
  readonly find: Queries['productKeys'];
  /** Product family of a plan in the catalogue in force. */
  readonly familyOf: (planId: string) => string | undefined;
};

/** What a verification tells while it runs, and at its end. */
export type VerifyLine =
  | ({ readonly kind: 'progress' } & VerifyProgress)
  | ({ readonly kind: 'verdict' } & LogVerdict)
  /** It could not be finished. */
  | { readonly kind: 'fault'; readonly code: string; readonly message: string };

/** Proof that the log was not altered (`docs/proof.md`). */
export type ProofPort = {
  /** A tenant, a subscription, or the whole log, which alone can be held against roots kept outside. */
  verify(
    scope: Partial<EvidenceScope>,
    options: { readonly roots: readonly LogRoot[]; readonly signal: AbortSignal },
  ): AsyncIterable<VerifyLine>;
  publishRoot(by: Provenance): Promise<PublishedRoot>;
  roots(countMax: number): Promise<readonly PublishedRoot[]>;
  evidence(scope: EvidenceScope): Promise<Evidence>;
  signingKey(): { readonly fingerprint: string; readonly pem: string };
};

/** One part of the process and how it fares. */
export type PartStatus = RoleStatus & { readonly name: string };

/** Everything the HTTP server asks of the rest; an optional port that is left out answers 501 NOT_IMPLEMENTED_YET. */
export type ApiServices = {
  readonly commands: Pick<CommandService, 'execute' | 'executeSeat' | 'moveLicense' | 'actions'>;
  readonly queries: QueryPort;
  readonly vault: Pick<PersonVault, 'personIdFor' | 'personIdIfKnown' | 'userIdsOf' | 'decrypt'>;
  readonly payments: PaymentPort;
  readonly tenants: Pick<TenantService, 'describeTenant' | 'describePerson'>;
  readonly clock: ClockPort;
  /** Questions about any instant, answered from the log. */
  readonly audit: Audit;
  /** Where the log ends now: what is read from the streams after this has seen everything up to there. */
  readonly logEnd: () => Promise<bigint>;
  readonly parked?: ParkedMessages;
  readonly projections?: ProjectionPort;
  readonly catalogue?: CataloguePort;
  readonly erasures?: Pick<Erasures, 'erase'>;
  readonly productKeys?: ProductKeyPort;
  readonly proof?: ProofPort;
  /** Where senders say what became of a notice. */
  readonly notices?: Pick<NoticeService, 'report'>;
  /** Parts of this process; it is ready when all of them run. */
  readonly parts: () => Promise<readonly PartStatus[]> | readonly PartStatus[];
};
