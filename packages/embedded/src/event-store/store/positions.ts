/** The start of the log. No event is ever here, so a reader "after the start" misses none. */
export const LOG_START = 0;

/** Where the first event goes. */
export const FIRST_POSITION = 64;
