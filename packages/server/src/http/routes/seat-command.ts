import type { SeatCommand, SeatCommandName } from '@perennial/domain';
import { personOf } from '../people.ts';
import type { ApiServices } from '../services.ts';

/**
 * A command on a seat with person ids in place of user ids. Nobody becomes known by it: whoever is not known yet holds no
 * seat, and the account that an app is signed in with may be anybody's.
 */
export async function seatCommand(
  vault: ApiServices['vault'],
  input: {
    readonly tenant: string;
    readonly name: SeatCommandName;
    /** Validated by the schema of `name`. */
    readonly body: Readonly<Record<string, unknown>>;
  },
): Promise<SeatCommand> {
  const { userId, signedInAs, ...rest } = input.body;
  const user = String(userId);
  const personId = await personOf(vault, input.tenant, user, 'known-only');
  const account = typeof signedInAs === 'string' ? signedInAs.replace(/^user:/, '') : user;
  const replaced = {
    ...rest,
    personId,
    ...(signedInAs !== undefined && {
      signedInAs: account === user ? personId : await personOf(vault, input.tenant, account, 'known-only'),
    }),
  };
  // The body was validated by the schema of this very name, and user ids have become the person ids it asks for.
  return { name: input.name, body: replaced } as unknown as SeatCommand;
}
