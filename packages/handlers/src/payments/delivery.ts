/** How a payment reached us: goes into the envelope of everything it causes. */
export type Delivery = {
  readonly correlationId: string;
  /** Names the very message (`PAYMENTS:<sequence>`), so that a second delivery of it is told from a second message. */
  readonly causationId: string;
  readonly traceparent?: string;
};
