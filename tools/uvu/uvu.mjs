// uvu, with the two things said that it keeps to itself. It returns from a `finally`, and with that swallows what a hook
// throws; and a test that throws something other than an Error breaks its report, which is swallowed the same way.
// Whatever was thrown goes on as before: nothing is caught here for good.
import { inspect } from 'node:util';
import * as uvu from 'uvu';

export const { exec } = uvu;
export const test = speaking(uvu.test, '');
export const suite = (name, state) => speaking(uvu.suite(name, state), name ?? '');

function speaking(quiet, suiteName) {
  const add = (name, handler) => quiet(name, throwingErrors(handler));
  const hook = (register, kind) => (handler) => register(telling(handler, `${kind} of "${suiteName}"`));
  return Object.assign(add, {
    only: (name, handler) => quiet.only(name, throwingErrors(handler)),
    skip: quiet.skip,
    run: quiet.run,
    before: Object.assign(hook(quiet.before, 'before'), { each: hook(quiet.before.each, 'before.each') }),
    after: Object.assign(hook(quiet.after, 'after'), { each: hook(quiet.after.each, 'after.each') }),
  });
}

/** Prints what the hook throws; the runner looks for lines that begin with `HOOK `. */
function telling(handler, what) {
  return async (state) => {
    try {
      await handler(state);
    } catch (error) {
      process.stdout.write(`\nHOOK ${what} threw\n${inspect(error)}\n`);
      throw error;
    }
  };
}

function throwingErrors(handler) {
  return async (state) => {
    try {
      await handler(state);
    } catch (thrown) {
      if (thrown instanceof Error) throw thrown;
      throw new Error(`threw something that is not an Error: ${inspect(thrown)}`, { cause: thrown });
    }
  };
}
