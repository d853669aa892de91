/**
 * The types of the process between product keys and subscriptions: what is asked and what is answered. Refusals are
 * values; only faults are thrown.
 *
 * @module
 */
import type { Instant, KeyOffer, RedeemedBy, RedeemMode, Remedy } from '@perennial/domain';
import type { Cause, CommandResult } from '../command-handling/command-service.ts';

/** Who asks, and under which command id. */
export type KeyCause = Cause & { readonly commandId: string };

/** A lot of keys to be issued. */
export type IssueRequest = KeyCause & {
  readonly offer: KeyOffer;
  /** How many. */
  readonly count: number;
  readonly expiresAt?: Instant | undefined;
  /** Where they may be redeemed; absent: everywhere. */
  readonly countries?: readonly string[] | undefined;
  readonly batch?: string | undefined;
  /** `false`: worth nothing before they are sold at the till. */
  readonly sold: boolean;
};

/** A key as issued: the only time that it is seen. */
export type NewKey = { readonly key: string; readonly keyId: string; readonly last5: string };

/** What `issue` answers. */
export type IssueResult =
  | { readonly kind: 'issued' | 'repeated'; readonly keys: readonly NewKey[]; readonly position: string }
  | KeyRefusal
  /** The order was placed before, and its keys are not shown any more. */
  | { readonly kind: 'issued-before'; readonly issuedAt: Instant };

/** A key by itself or by its id. */
export type KeyName = { readonly key: string } | { readonly keyId: string };

/** What `sell` and `block` answer. `nothing`: it was so already. */
export type KeyChangeResult =
  | { readonly kind: 'accepted' | 'nothing'; readonly keyId: string; readonly last5: string; readonly position: string }
  | KeyRefusal;

/** A refusal, in the words of `domain.md 2.2`. */
export type KeyRefusal = {
  readonly kind: 'refused';
  readonly reasonCodes: readonly string[];
  readonly remedies: readonly Remedy[];
  readonly redeemedBy?: RedeemedBy;
  /** With `RATE_LIMITED` and `KEY_SERVICE_UNAVAILABLE`: how long to wait. */
  readonly retryAfterSeconds?: number;
};

/** A key to be redeemed. */
export type RedeemRequest = KeyCause & {
  readonly tenant: string;
  /** As typed. */
  readonly key: string;
  readonly mode: RedeemMode;
  /** With `extend`: go on with the seats of the key, where those are fewer (`domain.md 2.1`). */
  readonly fewerSeats?: boolean | undefined;
  /** Left out only for a new subscription: then it is UUIDv5(tenant, commandId). */
  readonly subscriptionId?: string | undefined;
  /** A new subscription is made; absent: the one that is named exists. */
  readonly create?: { readonly zone?: string | undefined; readonly profile?: string | undefined } | undefined;
  readonly dryRun?: boolean;
  /** `If-Match`: the version of the subscription that the caller has seen. */
  readonly expectedVersion?: number;
};

/** What `redeem` answers: the subscription's own answer, or a refusal of either side. */
export type RedeemResult = Exclude<CommandResult, { kind: 'refused' }> | KeyRefusal;

/** Several keys of one order. */
export type RedeemSeveralRequest = Omit<RedeemRequest, 'key' | 'fewerSeats'> & { readonly keys: readonly string[] };

/** What became of one key of an order. */
export type KeyOutcome = {
  /** Null: not even its form is right. */
  readonly last5: string | null;
  /** That the request was handled does not say that the key was taken. */
  readonly redeemed: boolean;
  /** Why not; empty when another key of the order is the reason. */
  readonly reasonCodes: readonly string[];
  readonly remedies: readonly Remedy[];
  readonly redeemedBy?: RedeemedBy;
};

/**
 * What `redeemSeveral` answers. Refused: none was redeemed, or what follows will be when the order is repeated under its
 * command id. Else all were, or those before the first whose outcome says why not.
 */
export type RedeemSeveralResult = RedeemResult & { readonly keys: readonly KeyOutcome[] };

/** Keys and what they open. */
export type ProductKeyService = {
  issue(request: IssueRequest): Promise<IssueResult>;
  /** Activates a key at the till. */
  sell(request: KeyCause & { readonly name: KeyName; readonly seller?: string | undefined }): Promise<KeyChangeResult>;
  /** Revokes a key that was not redeemed. */
  block(request: KeyCause & { readonly name: KeyName; readonly reason?: string | undefined }): Promise<KeyChangeResult>;
  /**
   * Reserves the key, gives the subscription what it is worth, and redeems or releases it. The same command id answers
   * with the first result, whatever happened in between.
   */
  redeem(request: RedeemRequest): Promise<RedeemResult>;
  /**
   * One order with several keys: all are asked first, each on what those before it would leave, and any refusal refuses
   * the order with nothing done. Then they are redeemed one after the other. A new subscription is made with the first,
   * and the others add their seats. The same command id goes on where it was interrupted.
   */
  redeemSeveral(request: RedeemSeveralRequest): Promise<RedeemSeveralResult>;
  /** Finishes an order that was begun, or notes that the key's time is over; answers whether anything was left to do. */
  driveOn(keyId: string): Promise<boolean>;
  /** Waits (bounded) for what is still being recorded. */
  close(): Promise<void>;
};
