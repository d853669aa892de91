export type * from './rows.ts';
export { licenseRows } from './license-rows.ts';
export { appRows, appTurnedOff, deviceRows, userLicenseRows, type HeldSeat } from './person-rows.ts';
