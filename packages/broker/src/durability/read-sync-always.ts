/**
 * Asks a server's monitoring endpoint whether it syncs every message before it acknowledges it; `undefined` when it
 * cannot be seen. Servers before 2.10 do not know the setting and answer `false`.
 */
export async function readSyncAlways(monitoringUrl: string, timeoutMs = 2_000): Promise<boolean | undefined> {
  try {
    const response = await fetch(new URL('/jsz?config=true', monitoringUrl), {
      signal: AbortSignal.timeout(timeoutMs),
    });
    if (!response.ok) return undefined;
    const { config } = (await response.json()) as { config?: { sync_always?: boolean } };
    return config === undefined ? undefined : config.sync_always === true;
  } catch {
    // Not reachable means not known, which is what the caller is told.
    return undefined;
  }
}
