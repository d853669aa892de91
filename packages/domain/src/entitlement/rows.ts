/**
 * What licences add up to, as read models and audits show it (`contract.md`, "Response shapes"): at least these fields.
 *
 * @module
 */
import type { Instant } from '../instant.ts';
import type { LicenseSource } from '../subscription/license-events.ts';

/** The `licenses` read model: one row per plan of a tenant (`domain.md 6.7`, Graph's shape). */
export type LicenseRow = {
  readonly planId: string;
  readonly purchased: number;
  readonly enabled: number;
  readonly warning: number;
  readonly suspended: number;
  readonly lockedOut: number;
  readonly consumed: number;
  readonly available: number;
  readonly capabilityStatus: 'Enabled' | 'Warning' | 'Suspended' | 'LockedOut' | 'Deleted';
  /** Seats assigned beyond those bought; null without a conflict. */
  readonly conflict: { readonly excess: number; readonly deadline: Instant | null } | null;
  readonly subscriptions: readonly string[];
};

/** A licence that a user holds. */
export type UserLicenseRow = {
  readonly planId: string;
  readonly subscriptionId: string;
  /** Graph's vocabulary (`domain.md 1.8`): Active while the subscription gives access, Disabled while it does not. */
  readonly state: 'Active' | 'Disabled';
  readonly appsOff: readonly string[];
  /** Given to the person, or to a group that the person is in (`domain.md 6.7`, 2). */
  readonly source: LicenseSource;
  readonly assignedAt: Instant;
};

/** Access to an app, best first. */
export type AppAccess = 'full' | 'reduced' | 'none';

/** An app on *My account* (`domain.md 6.7.3`). */
export type AppRow = {
  readonly appId: string;
  readonly name: string;
  readonly kind: 'desktop' | 'service';
  readonly access: AppAccess;
  readonly because: readonly { readonly subscriptionId: string; readonly status: string; readonly reason: string }[];
  readonly downloadable: boolean;
  readonly needsSignIn: boolean;
  readonly devices: { readonly used: number; readonly limit: number };
  /** When time alone will next change a subscription that this row rests on. */
  readonly changesAt: Instant | null;
};

/** A device on which a person is signed in to the apps of a subscription. */
export type DeviceRow = {
  readonly subscriptionId: string;
  readonly deviceId: string;
  readonly kind: 'computer' | 'tablet' | 'phone';
  readonly activatedAt: Instant;
  readonly lastUsedAt: Instant;
  /** After that the apps are reduced until the device connects (`domain.md 1.9`). */
  readonly worksOfflineUntil: Instant;
};

/** A plan and its apps. */
export type PlanRow = {
  readonly planId: string;
  readonly name: string;
  readonly apps: readonly { readonly appId: string; readonly name: string; readonly kind: 'desktop' | 'service' }[];
  readonly endOfSale?: Instant | undefined;
  readonly maxSeats?: number | undefined;
  readonly family?: string | undefined;
};
