import { sizeOf, type ProposedEvent } from '../engine/proposed-event.ts';
import { messageOf } from '../errors.ts';
import type { EventLog, WriteOutcome } from '../store/event-log.ts';
import { decodeBatchPart, type AppendTarget, type BatchPart } from './append-messages.ts';
import * as answers from './batch-messages.ts';
import { invalidArgument, type Call, type Handler } from './call.ts';

/** Bounds of the batch appends of one client. */
export interface BatchLimits {
  appendBytesMax: number;
  /** Bytes that may wait for the disk before no more requests are read. */
  pendingBytesMax: number;
  /** Appends that may wait for the disk before no more requests are read. */
  pendingAppendsMax: number;
  /** How long the parts of one append may take to arrive, and how long an append may take to be durable. */
  writeTimeoutMs: number;
}

interface Batch {
  correlation: Buffer;
  target: AppendTarget;
  events: ProposedEvent[];
  bytes: number;
  expiresAtMs: number;
  /** Answered already; parts that still arrive are dropped. */
  answered: boolean;
}

/** `BatchAppend`: any number of appends on one call, answered in any order. */
export function batchAppendHandler(log: EventLog, limits: BatchLimits): Handler {
  return async (call) => {
    const session = new BatchSession(log, limits, call);
    const sweep = setInterval(() => session.expire(), Math.min(250, limits.writeTimeoutMs));
    try {
      for await (const request of call.requests) {
        session.accept(decodeBatchPart(request, log.now()));
        await session.capacity();
      }
      await session.settled();
    } finally {
      clearInterval(sweep);
    }
  };
}

/** The appends of one call that are not answered yet. */
class BatchSession {
  readonly #log: EventLog;
  readonly #limits: BatchLimits;
  readonly #call: Call;
  readonly #open = new Map<string, Batch>();
  readonly #writing = new Set<Batch>();
  #pendingBytes = 0;
  #changed: (() => void) | undefined;
  #failure: Error | undefined;

  constructor(log: EventLog, limits: BatchLimits, call: Call) {
    this.#log = log;
    this.#limits = limits;
    this.#call = call;
  }

  accept(part: BatchPart): void {
    const key = part.correlation.toString('latin1');
    const batch = this.#open.get(key) ?? this.#begin(key, part);
    if (!batch.answered) this.#add(batch, part);
    if (!part.isFinal) return;
    this.#open.delete(key);
    if (!batch.answered) void this.#write(batch);
  }

  /** Resolves when there is room for another request. */
  async capacity(): Promise<void> {
    while (this.#isFull() && !this.#call.signal.aborted) await this.#change();
    if (this.#failure) throw this.#failure;
  }

  /** Resolves when every complete append is answered. */
  async settled(): Promise<void> {
    while (this.#writing.size > 0) await this.#change();
    if (this.#failure) throw this.#failure;
  }

  /** Answers the appends whose time is over; one that is being written may still succeed. */
  expire(): void {
    const nowMs = this.#log.now();
    for (const batch of [...this.#open.values(), ...this.#writing]) {
      if (batch.answered || nowMs < batch.expiresAtMs) continue;
      this.#answer(batch, answers.encodeBatchTimeout(batch));
      batch.events = [];
    }
  }

  #begin(key: string, part: BatchPart): Batch {
    if (!part.target && !part.fault) throw invalidArgument('The first part of a batch append names no stream.');
    const nowMs = this.#log.now();
    const target = part.target ?? { stream: '', streamIdentifier: Buffer.alloc(0), expectation: { kind: 'any' } };
    const batch: Batch = {
      correlation: part.correlation,
      target,
      events: [],
      bytes: 0,
      expiresAtMs: Math.min(part.deadlineMs ?? Infinity, nowMs + this.#limits.writeTimeoutMs),
      answered: false,
    };
    this.#open.set(key, batch);
    if (nowMs >= batch.expiresAtMs) this.#answer(batch, answers.encodeBatchTimeout(batch));
    return batch;
  }

  #add(batch: Batch, part: BatchPart): void {
    if (part.fault) {
      this.#answer(batch, answers.encodeBatchBadRequest(batch, part.fault.message));
      return;
    }
    for (const event of part.events) batch.bytes += sizeOf(event);
    if (batch.bytes > this.#limits.appendBytesMax) {
      this.#answer(batch, answers.encodeBatchTooLarge(batch, this.#limits.appendBytesMax));
      batch.events = [];
      return;
    }
    batch.events.push(...part.events);
  }

  async #write(batch: Batch): Promise<void> {
    this.#writing.add(batch);
    this.#pendingBytes += batch.bytes;
    batch.expiresAtMs = this.#log.now() + this.#limits.writeTimeoutMs;
    const { stream, expectation } = batch.target;
    try {
      const outcome = await this.#log.append({ stream, expectation, events: batch.events });
      if (!batch.answered) this.#answer(batch, encodeOutcome(batch, outcome));
    } catch (error) {
      this.#failure = new Error(messageOf(error), { cause: error });
    } finally {
      this.#writing.delete(batch);
      this.#pendingBytes -= batch.bytes;
      this.#changed?.();
    }
  }

  #answer(batch: Batch, message: Buffer): void {
    batch.answered = true;
    if (!this.#call.signal.aborted) this.#call.send(message);
  }

  #isFull(): boolean {
    return this.#pendingBytes > this.#limits.pendingBytesMax || this.#writing.size >= this.#limits.pendingAppendsMax;
  }

  #change(): Promise<void> {
    return new Promise((resolve) => (this.#changed = resolve));
  }
}

function encodeOutcome(batch: Batch, outcome: WriteOutcome): Buffer {
  switch (outcome.kind) {
    case 'written':
      return answers.encodeBatchSuccess(batch, outcome.revision, outcome.position);
    case 'wrongExpectedVersion':
      return answers.encodeBatchWrongExpectedVersion(batch, outcome.actual);
    case 'streamDeleted':
    default:
      return answers.encodeBatchStreamDeleted(batch);
  }
}
