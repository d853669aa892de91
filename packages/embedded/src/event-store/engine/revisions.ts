/** Revision of a stream that holds no event. */
export const NO_EVENTS = -1;

/** Revision of the event that ends a tombstoned stream; on the wire it is the largest signed 64-bit integer. */
export const TOMBSTONE_REVISION = Number.MAX_SAFE_INTEGER;

/** The wire's form of {@link TOMBSTONE_REVISION}. */
export const TOMBSTONE_REVISION_WIRE = 9223372036854775807n;
