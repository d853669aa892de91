/** What one check of `perennial doctor` found. */
export type Finding = {
  readonly check: string;
  /** `warn`: it works, but look at it; `fail`: it will not work. */
  readonly state: 'ok' | 'warn' | 'fail';
  readonly detail: string;
  /** What to do, unless all is well. */
  readonly next?: string;
};
