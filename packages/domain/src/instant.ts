import { z } from 'zod';

/** An instant in UTC with milliseconds, `2027-06-01T00:00:00.000Z`: instants compare as strings. */
export type Instant = string;

/** Accepts exactly the stored form of an instant. */
export const instantSchema = z.iso.datetime({ precision: 3 });

const storedForm = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/;

/** Accepts any RFC 3339 instant with an offset and turns it into the stored form. */
export const anyInstantSchema = z.iso.datetime({ offset: true }).transform(
  // What is in the stored form already, as in every event, would only come out of a date as it went in.
  (text): Instant => (storedForm.test(text) ? text : new Date(text).toISOString()),
);
