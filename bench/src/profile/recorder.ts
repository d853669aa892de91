/**
 * Loaded into every process of a profiled run (`NODE_OPTIONS=--import`): SIGUSR2 begins recording, the next one ends it
 * and writes `<pid>.cpuprofile`.
 *
 * @module
 */
import { renameSync, writeFileSync } from 'node:fs';
import { Session } from 'node:inspector/promises';
import { join } from 'node:path';

/** Environment variable that names the directory for the profiles. */
export const profileDirectoryVariable = 'BENCH_PROFILE_DIRECTORY';

const samplingIntervalUs = 500;
const directory = process.env[profileDirectoryVariable];
let recording: Session | undefined;

if (directory !== undefined) process.on('SIGUSR2', () => void toggle(directory));

async function toggle(target: string): Promise<void> {
  if (recording === undefined) {
    recording = new Session();
    recording.connect();
    await recording.post('Profiler.enable');
    await recording.post('Profiler.setSamplingInterval', { interval: samplingIntervalUs });
    await recording.post('Profiler.start');
    return;
  }
  const session = recording;
  recording = undefined;
  const { profile } = await session.post('Profiler.stop');
  session.disconnect();
  // Whoever waits for the file must not read half of it.
  const path = join(target, `${process.pid}.cpuprofile`);
  writeFileSync(`${path}.part`, JSON.stringify(profile));
  renameSync(`${path}.part`, path);
}
