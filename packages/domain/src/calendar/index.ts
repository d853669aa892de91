export { addDuration } from './add-duration.ts';
export { CalendarError, type CalendarErrorCode } from './calendar-error.ts';
export { durationSchema, parseDuration, type Duration } from './duration.ts';
export { termFromAnchor, terms, type Term } from './term.ts';
export { addWorkingDays, endOfMonth } from './working-days.ts';
export { isZone, tzdataVersion } from './zone.ts';
