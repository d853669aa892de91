import { apiPath } from '../client.ts';
import { CliError } from '../cli-error.ts';
import type { CommandAction } from '../command.ts';

/** `person erase`; exit code 1 when nobody is known by that id */
export const erase: CommandAction = async (context, [tenant = '', user = '']) => {
  if (!context.flag('yes')) {
    throw new CliError('USAGE', `Forgetting ${user} of ${tenant} cannot be undone.`, ['Add --yes to do it.']);
  }
  const answer = await context
    .client()
    .send<{ readonly erased: boolean; readonly position: string | null }>(
      'DELETE',
      apiPath('tenants', tenant, 'users', user, 'personal-data'),
      { headers: { 'idempotency-key': context.option('idempotency-key') } },
    );
  await context.answer(answer, () =>
    answer.erased
      ? `${user} of ${tenant} is forgotten (position ${answer.position}).`
      : `Nobody is known as ${user} of ${tenant}: never seen, or forgotten before.`,
  );
  return answer.erased ? 0 : 1;
};
