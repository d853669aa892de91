/**
 * Finishes moves of licences that a crash left half done. What it is told may be late or wrong: the decision is made on the
 * streams.
 *
 * @module
 */
import { pause } from '../retry/backoff.ts';
import { classifyFailure, failureCode, failureMessage } from '../retry/classify-failure.ts';
import { silentLogger, type Logger } from '../role/logger.ts';
import type { Role } from '../role/role.ts';
import { startRole, type RoleLifecycle } from '../role/start-role.ts';
import type { CommandService } from '../command-handling/command-service.ts';
import type { MoveName } from './open-move.ts';

/** What the role asks of the read side. */
export type OpenMoves = {
  /** Seats given by a move whose other half is not recorded. */
  openMoves(limit: number): Promise<readonly MoveName[]>;
};

/** Options of {@link startMoves}. */
export type MovesOptions = {
  readonly moves: OpenMoves;
  readonly commands: Pick<CommandService, 'driveMoveOn'>;
  readonly log?: Logger;
  /** Moves asked for at a time; default 100. */
  readonly batchCountMax?: number;
  /** How often it looks; default 10 s. */
  readonly pollIntervalMs?: number;
};

/** Starts the role. It may run twice, and beside the requests that begin moves: finishing one twice changes nothing. */
export function startMoves(options: MovesOptions): Role {
  return startRole('moves', (lifecycle) => run(options, lifecycle));
}

async function run(options: MovesOptions, { signal, running, failing }: RoleLifecycle): Promise<void> {
  const { pollIntervalMs = 10_000, log = silentLogger } = options;
  running();
  while (!signal.aborted) {
    try {
      await round(options, signal);
      running();
    } catch (error) {
      if (classifyFailure(error) === 'fatal') throw error;
      failing(failureMessage(error));
      log.warn({ code: failureCode(error) }, `moves: ${failureMessage(error)}`);
    }
    await pause(pollIntervalMs, signal);
  }
}

async function round(
  { moves, commands, log = silentLogger, batchCountMax = 100 }: MovesOptions,
  signal: AbortSignal,
): Promise<void> {
  for (const move of await moves.openMoves(batchCountMax)) {
    if (signal.aborted) return;
    try {
      await commands.driveMoveOn(move);
    } catch (error) {
      // One move that cannot be finished must not keep the others waiting; it is tried again in the next round.
      if (classifyFailure(error) !== 'poison') throw error;
      log.error(
        { code: failureCode(error), subscriptionId: move.subscriptionId, heldSince: move.heldSince },
        `moves: ${failureMessage(error)}`,
      );
    }
  }
}
