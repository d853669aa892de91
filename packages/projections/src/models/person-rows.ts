/**
 * What one person has: licences and apps, computed from their seats, the headers of the subscriptions and the plans.
 *
 * @module
 */
import { accessOf, applyDeadlines, type Instant, type SubscriptionHeader } from '@perennial/domain';
import type { Access, AppRow, PlanRow, UserLicenseRow } from '../queries/types.ts';
import type { Seat } from './user-licenses.ts';

/** A seat with the subscription it is in; `plan` is null when no catalogue ever named it. */
export type HeldSeat = { readonly seat: Seat; readonly header: SubscriptionHeader; readonly plan: PlanRow | null };

/** Devices an app may be installed on: 5 computers, 5 tablets, 5 phones (`domain.md 1.8`). */
const deviceLimit = 15;

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
  readonly access: Access;
  readonly because: AppRow['because'][number];
  readonly changesAt: Instant | null;
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

function grantsOf({ seat, header, plan }: HeldSeat, now: Instant): Grant[] {
  const current = applyDeadlines(header, now);
  if (current.status === 'deleted') return [];
  const access = accessOf(current, now);
  const { subscriptionId, status } = current;
  return (plan?.apps ?? []).map((app): Grant => {
    if (seat.appsOff.includes(app.appId)) {
      return { app, access: 'none', because: { subscriptionId, status, reason: appTurnedOff }, changesAt: null };
    }
    return {
      app,
      access: app.kind === 'desktop' ? access.desktop : access.service,
      because: { subscriptionId, status, reason: access.reason },
      changesAt: access.changesAt,
    };
  });
}

const accessRank: Readonly<Record<Access, number>> = { full: 0, reduced: 1, none: 2 };

function appRow(grants: readonly Grant[]): AppRow {
  const sorted = [...grants].sort(
    (a, b) =>
      accessRank[a.access] - accessRank[b.access] || (a.because.subscriptionId < b.because.subscriptionId ? -1 : 1),
  );
  const [best] = sorted;
  if (best === undefined) throw new Error('an app row needs a grant');
  const { app, access } = best;
  const isDesktop = app.kind === 'desktop';
  const changes = sorted.map(({ changesAt }) => changesAt).filter((at) => at !== null);
  return {
    appId: app.appId,
    name: app.name,
    kind: app.kind,
    access,
    because: sorted.map(({ because }) => because),
    downloadable: isDesktop && access === 'full',
    // Nobody is signed in on any device while no device is registered.
    needsSignIn: isDesktop && access !== 'none',
    devices: { used: 0, limit: isDesktop ? deviceLimit : 0 },
    changesAt: changes.sort()[0] ?? null,
  };
}
