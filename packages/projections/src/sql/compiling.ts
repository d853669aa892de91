/**
 * For the rest of a transaction: PostgreSQL does not compile statements that look expensive. Compiling takes half a second,
 * and what is asked here once over whole tables is spent in hashing and looking up, which compiling does not speed up.
 */
export const withoutCompiling = 'set local jit to off';
