/**
 * What the demo tells of itself: everything in it was answered by the server, nothing is written by hand.
 *
 * @module
 */
import type { z } from '@hono/zod-openapi';
import type { appsSchema, subscriptionsSchema } from '../../http/schemas/views.ts';

/** *Your products* as the server answered it. */
export type Products = { readonly tenant: string } & z.infer<typeof subscriptionsSchema>;

/** *My account* as the server answered it. */
export type Account = { readonly tenant: string; readonly user: string } & z.infer<typeof appsSchema>;

/** Something done through one of the doors that an outsider has, and what came back. */
export type Step = {
  readonly door: 'http' | 'nats' | 'stripe' | 'clock';
  readonly did: string;
  readonly answer: Readonly<Record<string, unknown>>;
};

/** A claim about what the server shows, and whether it holds. */
export type Check = {
  readonly claim: string;
  readonly expected: unknown;
  readonly actual: unknown;
  readonly holds: boolean;
};

/** One chapter as it was played. */
export type ChapterReport = {
  readonly id: string;
  readonly title: string;
  readonly about: string;
  /** The server's clock at the end. */
  readonly now: string;
  readonly steps: readonly Step[];
  readonly products: readonly Products[];
  readonly accounts: readonly Account[];
  readonly checks: readonly Check[];
};

/** The whole run; what `--json` prints. */
export type DemoReport = {
  readonly ok: boolean;
  readonly url: string;
  /** How many checks held, of how many made. */
  readonly checks: { readonly held: number; readonly made: number };
  readonly chapters: readonly ChapterReport[];
};
