/**
 * The events of what people are told about a subscription, in its stream `notices-…`. THEY ARE THE STORAGE FORMAT: a
 * change to a schema needs a new version, an upcaster and a corpus entry. Recipients are roles, never addresses.
 *
 * @module
 */
import { z } from 'zod';
import { instantSchema } from '../instant.ts';
import { noticeKinds, noticeLanguages } from './kinds.ts';

const noticeId = z.string().min(1).max(600);

/** What the notice warns of. */
export const noticeDeadlineSchema = z.object({ kind: z.string(), at: instantSchema });

/** Data of every notice event by type. */
export const noticeEventSchemas = {
  /** To be sent now, once, until `sendBy`. `effectiveAt` is when it was due, however late that was noticed. */
  NoticeQueued: z.object({
    tenant: z.string(),
    subscriptionId: z.string(),
    noticeId,
    kind: z.enum(noticeKinds),
    /** Absent for news: what happened has no deadline. */
    deadline: noticeDeadlineSchema.optional(),
    sendBy: instantSchema,
    /** From 1; a notice that could not be sent is queued again under the same id. */
    attempt: z.int().positive(),
    language: z.enum(noticeLanguages),
    text: z.object({ subject: z.string(), body: z.string() }),
    /** Roles: whoever sends it knows who has them. */
    recipients: z.array(z.string()).min(1),
  }),
  /** For services that keep data: it will be deleted then unless something happens (`domain.md 6.5`). */
  RetentionWarningIssued: z.object({
    tenant: z.string(),
    subscriptionId: z.string(),
    noticeId,
    deletesAt: instantSchema,
  }),
  /**
   * Must not be sent any more. `disproved`: by what is known now it was never due. `dueAt` is when it was, by what is known
   * now: a payment that became known late may have moved that.
   */
  NoticeWithdrawn: z.object({ noticeId, dueAt: instantSchema, disproved: z.boolean() }),
  /** Not sent in its time: the next notice about the deadline is due, or the deadline has passed. */
  NoticeLapsed: z.object({ noticeId, dueAt: instantSchema }),
  /** Whoever sends notices says so; `reference` is its own id of the message. */
  NoticeSent: z.object({ noticeId, attempt: z.int().positive(), reference: z.string().max(128).optional() }),
  /** Could not be sent; `retryAt` is absent when it is given up. */
  NoticeFailed: z.object({
    noticeId,
    attempt: z.int().positive(),
    /** The sender's own code, for instance `MAILBOX_FULL`. */
    failure: z.string().max(64),
    retryAt: instantSchema.optional(),
  }),
} as const;

/** The type names. */
export type NoticeEventType = keyof typeof noticeEventSchemas;

/** Data of an event type. */
export type NoticeEventData<T extends NoticeEventType> = z.infer<(typeof noticeEventSchemas)[T]>;

/** An event as decided, and as folded. */
export type NoticeEvent = {
  [T in NoticeEventType]: {
    readonly type: T;
    readonly data: NoticeEventData<T>;
    readonly effectiveAt: string;
  };
}[NoticeEventType];
