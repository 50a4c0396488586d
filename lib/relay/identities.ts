import 'server-only';
import type { ProtoFilter } from '#lib/flow/filter-proto.ts';
import type { Endpoint } from '#lib/flow/flow.ts';
import { pause } from './backoff.ts';
import type { RelayClient } from './client.ts';

const MASK = ['time', 'node_name', 'source.identity', 'source.labels', 'destination.identity', 'destination.labels'];
/** The last flows of all nodes together name nearly every identity there is. */
const PRIMING_FLOWS = 8000;
const PER_SECOND = 20;
const MOST_ATTEMPTS = 5;
/** An identity that was given up is asked for again after this, when it is seen again. */
const RETRY_MS = 60_000;
const MOST_WANTED = 4096;
const MOST_IDENTITIES = 65_536;

/** Labels by numeric identity. A masked stream carries none, so each identity's are asked for once, by one unmasked flow. */
export interface IdentityDirectory {
  /** What is known now; asking for an unknown identity has it fetched soon. */
  labelsOf(identity: number): readonly string[] | undefined;
  /** Fetches when unknown; undefined when no node holds a flow of it. Throws as the relay client does. */
  identityLabels(identity: number): Promise<readonly string[] | undefined>;
  /** Learns from the last flows of a relay of so many nodes. Never throws: what fails here is asked for one by one. */
  prime(nodes: number): Promise<void>;
  /** Called after new labels became known; returns how to stop that. */
  onLearned(listener: () => void): () => void;
}

/** A directory that asks `relay`, at most 20 times a second, until `signal` aborts. */
export function identityDirectory(relay: RelayClient, signal: AbortSignal): IdentityDirectory {
  const known = new Map<number, readonly string[]>();
  /** What is to be asked for, and when; what was given up stays away from here for a while. */
  const wanted = new Map<number, { readonly attempts: number; readonly notBefore: number }>();
  const wantedAt = new Map<number, number>();
  const listeners = new Set<() => void>();
  let working = false;

  const learn = ({ identity, labels }: Endpoint): boolean => {
    if (identity === 0 || labels.length === 0 || known.has(identity)) return false;
    if (known.size >= MOST_IDENTITIES) known.clear();
    known.set(identity, labels);
    wanted.delete(identity);
    return true;
  };

  async function ask(whitelist: readonly ProtoFilter[], number: number): Promise<void> {
    let learned = false;
    for await (const batch of relay.getFlows({ whitelist, number, mask: MASK }, signal)) {
      for (const event of batch) {
        if (event.kind !== 'flow') continue;
        if (learn(event.flow.source)) learned = true;
        if (learn(event.flow.destination)) learned = true;
      }
    }
    if (learned) for (const listener of listeners) listener();
  }

  async function identityLabels(identity: number): Promise<readonly string[] | undefined> {
    if (!known.has(identity)) await ask([{ source_identity: [identity] }, { destination_identity: [identity] }], 1);
    return known.get(identity);
  }

  /** Asks for what is wanted, one after the other, and later again for what no ring showed: an agent's newest flow is not seen until the next one. */
  async function work(): Promise<void> {
    working = true;
    await pause(50, signal); // several new identities come together
    while (wanted.size > 0 && !signal.aborted) {
      for (const [identity, { attempts, notBefore }] of wanted) {
        if (signal.aborted || Date.now() < notBefore) continue;
        const labels = await identityLabels(identity).catch(() => undefined);
        if (labels || attempts >= MOST_ATTEMPTS) wanted.delete(identity);
        else wanted.set(identity, { attempts: attempts + 1, notBefore: Date.now() + 1000 * 2 ** attempts });
        await pause(1000 / PER_SECOND, signal);
      }
      await pause(1000 / PER_SECOND, signal);
    }
    working = false;
  }

  return {
    labelsOf(identity) {
      const labels = known.get(identity);
      if (labels || identity === 0 || signal.aborted || wanted.has(identity) || wanted.size >= MOST_WANTED) return labels;
      const now = Date.now();
      if (now - (wantedAt.get(identity) ?? 0) < RETRY_MS) return undefined;
      if (wantedAt.size >= MOST_IDENTITIES) wantedAt.clear();
      wantedAt.set(identity, now);
      wanted.set(identity, { attempts: 1, notBefore: 0 });
      if (!working) void work();
      return undefined;
    },
    identityLabels,
    prime: (nodes) => ask([], Math.max(50, Math.ceil(PRIMING_FLOWS / Math.max(1, nodes)))).catch(() => undefined),
    onLearned(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
