/** Headers of a parked message that an operator sends through intake again. */
export const retryHeaders = {
  /** What it is in `PARKED`. */
  id: 'Perennial-Retry-Of',
  /** Its first place in `PAYMENTS`. */
  order: 'Perennial-Retry-Order',
} as const;
