/**
 * What one person has: licences and apps, computed from their seats, the headers of the subscriptions and the plans.
 *
 * @module
 */
import { addDuration } from '../calendar/index.ts';
import type { Instant } from '../instant.ts';
import { deviceKinds } from '../seat/events.ts';
import type { Device } from '../seat/state.ts';
import { accessOf } from '../subscription/access.ts';
import { policyOf } from '../subscription/decide.ts';
import type { SubscriptionHeader } from '../subscription/header.ts';
import type { Seat } from '../subscription/state.ts';
import { applyDeadlines } from '../subscription/view.ts';
import type { AppAccess, AppRow, DeviceRow, PlanRow, UserLicenseRow } from './rows.ts';

/** A held seat as its person uses it. */
export type HeldSeat = {
  /** With the apps that are off now. */
  readonly seat: Seat;
  /** Where the person is signed in under this holding. */
  readonly devices: readonly Device[];
  /** The subscription it is in. */
  readonly header: SubscriptionHeader;
  /** Null when no catalogue ever named it. */
  readonly plan: PlanRow | null;
};

/** The reason given for an app that was turned off for the person. */
export const appTurnedOff = 'app_turned_off';

/** Assignments of a person (`domain.md 6.7`); those in deleted subscriptions are gone. */
export function userLicenseRows(seats: readonly HeldSeat[], now: Instant): UserLicenseRow[] {
  return seats
    .map(({ seat, header }): UserLicenseRow & { status: string } => {
      const current = applyDeadlines(header, now);
      const { service, desktop } = accessOf(current, now);
      return {
        planId: current.planId,
        subscriptionId: current.subscriptionId,
        state: service === 'full' || desktop === 'full' ? 'Active' : 'Disabled',
        appsOff: seat.appsOff,
        source: seat.source,
        assignedAt: seat.assignedAt,
        status: current.status,
      };
    })
    .filter(({ status }) => status !== 'deleted')
    .map(({ status: _status, ...row }) => row)
    .sort((a, b) => (a.subscriptionId < b.subscriptionId ? -1 : 1));
}

type Grant = {
  readonly app: PlanRow['apps'][number];
  readonly access: AppAccess;
  readonly because: AppRow['because'][number];
  readonly changesAt: Instant | null;
  readonly deviceCount: number;
  readonly deviceLimit: number;
};

/** The *My account* page (`domain.md 6.7.3`): the union over all subscriptions, best access wins, with every reason. */
export function appRows(seats: readonly HeldSeat[], now: Instant): AppRow[] {
  const byApp = new Map<string, Grant[]>();
  for (const grant of seats.flatMap((held) => grantsOf(held, now))) {
    const list = byApp.get(grant.app.appId);
    if (list) list.push(grant);
    else byApp.set(grant.app.appId, [grant]);
  }
  return [...byApp.values()].map(appRow).sort((a, b) => (a.appId < b.appId ? -1 : 1));
}

/** Where a person is signed in (`domain.md 1.9`, *Apps & devices*), the most recently used first. */
export function deviceRows(seats: readonly HeldSeat[], now: Instant): DeviceRow[] {
  return seats
    .filter(({ header }) => applyDeadlines(header, now).status !== 'deleted')
    .flatMap(({ header, devices }) =>
      devices.map((device) => ({
        subscriptionId: header.subscriptionId,
        ...device,
        worksOfflineUntil: addDuration(device.lastUsedAt, policyOf(header).appOfflineTolerance, header.zone),
      })),
    )
    .sort((a, b) => (a.lastUsedAt > b.lastUsedAt ? -1 : 1));
}

function grantsOf({ seat, devices, header, plan }: HeldSeat, now: Instant): Grant[] {
  const current = applyDeadlines(header, now);
  if (current.status === 'deleted') return [];
  const access = accessOf(current, now);
  const { subscriptionId, status } = current;
  // As many of each kind (`domain.md 1.8`).
  const deviceLimit = policyOf(current).devicesPerKindMax * deviceKinds.length;
  const signedIn = { deviceCount: devices.length, deviceLimit };
  return (plan?.apps ?? []).map((app): Grant => {
    if (seat.appsOff.includes(app.appId)) {
      return {
        app,
        access: 'none',
        because: { subscriptionId, status, reason: appTurnedOff },
        changesAt: null,
        ...signedIn,
      };
    }
    return {
      app,
      access: app.kind === 'desktop' ? access.desktop : access.service,
      because: { subscriptionId, status, reason: access.reason },
      changesAt: access.changesAt,
      ...signedIn,
    };
  });
}

const accessRank: Readonly<Record<AppAccess, number>> = { full: 0, reduced: 1, none: 2 };

function appRow(grants: readonly Grant[]): AppRow {
  const sorted = [...grants].sort(
    (a, b) =>
      accessRank[a.access] - accessRank[b.access] || (a.because.subscriptionId < b.because.subscriptionId ? -1 : 1),
  );
  const [best] = sorted;
  if (best === undefined) throw new Error('an app row needs a grant');
  const { app, access } = best;
  const isDesktop = app.kind === 'desktop';
  const { deviceCount, deviceLimit } = signedInFor(sorted, best);
  const changes = sorted.map(({ changesAt }) => changesAt).filter((at) => at !== null);
  return {
    appId: app.appId,
    name: app.name,
    kind: app.kind,
    access,
    because: sorted.map(({ because }) => because),
    downloadable: isDesktop && access === 'full',
    needsSignIn: isDesktop && access !== 'none' && deviceCount === 0,
    devices: isDesktop ? { used: deviceCount, limit: deviceLimit } : { used: 0, limit: 0 },
    changesAt: changes.sort()[0] ?? null,
  };
}

/**
 * The devices on which the app can be run: those of the subscription, among the ones that open it, with the most. The limit
 * holds per licence, so that devices of two licences are not added up. An app that no subscription opens runs nowhere.
 */
function signedInFor(grants: readonly Grant[], best: Grant): Pick<Grant, 'deviceCount' | 'deviceLimit'> {
  const opening = grants.filter(({ access }) => access !== 'none');
  return opening.reduce((most, grant) => (grant.deviceCount > most.deviceCount ? grant : most), {
    deviceCount: 0,
    deviceLimit: best.deviceLimit,
  });
}
