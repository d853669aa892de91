import { parseArgs } from 'node:util';

/** What `npm run bench` was asked for. */
export type BenchOptions = {
  /** Prints JSON and nothing else. */
  readonly json: boolean;
  /** Fewer rounds and payments: five minutes. */
  readonly quick: boolean;
  /** Only rows whose id contains this. */
  readonly only: string | undefined;
  /** Records CPU profiles of the processes behind the end-to-end row into this directory. */
  readonly profile: string | undefined;
  readonly help: boolean;
};

/** The options' explanation. */
export const usage = `npm run bench [-- options]

  --json            print only JSON, for machines
  --quick           five minutes instead of ten
  --only <text>     only rows whose id contains the text (the limits are always measured)
  --profile <dir>   record CPU profiles of Perennial's processes under load, and say where the time goes
  --help            this text`;

/** Reads the command line. @throws TypeError with a sentence naming the option it does not know */
export function readOptions(args: readonly string[]): BenchOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      json: { type: 'boolean', default: false },
      quick: { type: 'boolean', default: false },
      only: { type: 'string' },
      profile: { type: 'string' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  const { json, quick, only, profile, help } = values;
  return { json, quick, only, profile, help };
}
