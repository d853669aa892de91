import { z } from 'zod';

/** An instant in UTC with milliseconds, `2027-06-01T00:00:00.000Z`: instants compare as strings. */
export type Instant = string;

/** Accepts exactly the stored form of an instant. */
export const instantSchema = z.iso.datetime({ precision: 3 });

/** Accepts any RFC 3339 instant with an offset and turns it into the stored form. */
export const anyInstantSchema = z.iso
  .datetime({ offset: true })
  .transform((text): Instant => new Date(text).toISOString());
