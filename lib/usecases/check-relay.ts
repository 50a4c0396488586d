import 'server-only';
import type { RelayTarget } from '#lib/api/clusters.ts';
import type { RelayCheck } from '#lib/api/relay-check.ts';
import { CausewayError } from '#lib/errors/errors.ts';
import { connectRelay } from '#lib/relay/client.ts';

/** Asks a relay for its status once. What is wrong with it is the answer, not a failure. Runs in ingest, which alone talks to relays. */
export async function checkRelay(target: RelayTarget): Promise<RelayCheck> {
  let relay: ReturnType<typeof connectRelay> | undefined;
  try {
    relay = connectRelay(target);
    const { version, connectedNodes, unavailableNodes, flowsPerSecond } = await relay.serverStatus();
    return { ok: true, version, nodesConnected: connectedNodes, nodesUnavailable: unavailableNodes, flowsPerSecond };
  } catch (error) {
    if (!(error instanceof CausewayError)) throw error;
    return { ok: false, code: error.code, detail: error.message };
  } finally {
    relay?.close();
  }
}
