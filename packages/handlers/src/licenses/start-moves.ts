/**
 * Finishes moves of licences that a crash left half done. What it is told may be late or wrong: the decision is made on the
 * streams.
 *
 * @module
 */
import type { Logger } from '../role/logger.ts';
import type { Role } from '../role/role.ts';
import { startPollingRole } from '../role/start-polling-role.ts';
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
  const { moves, commands, log, batchCountMax = 100, pollIntervalMs = 10_000 } = options;
  return startPollingRole<MoveName>({
    name: 'moves',
    pollIntervalMs,
    log,
    open: () => moves.openMoves(batchCountMax),
    finish: (move) => commands.driveMoveOn(move),
    describe: ({ subscriptionId, heldSince }) => ({ subscriptionId, heldSince }),
  });
}
