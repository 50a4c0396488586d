import 'server-only';
import { CausewayError } from '#lib/errors/errors.ts';
import type { Endpoint, Flow } from '#lib/flow/flow.ts';
import type { RelayClient } from '#lib/relay/client.ts';
import type { IdentityDirectory } from '#lib/relay/identities.ts';

const MOST_IDENTITIES = 65_536;

const refused = (): CausewayError =>
  new CausewayError('relay-unreachable', 'no relay is set for this cluster: its flows come from NATS');

/** Stands for the relay of a cluster that has none: whatever is asked of it fails with the reason. */
export const noRelay = (): RelayClient => ({
  target: { address: '', tls: false },
  serverStatus: () => Promise.reject(refused()),
  nodes: () => Promise.reject(refused()),
  namespaces: () => Promise.reject(refused()),
  // oxlint-disable-next-line require-yield -- it fails before the first batch
  async *getFlows() {
    throw refused();
  },
  flowByUuid: () => Promise.reject(refused()),
  close: () => undefined,
});

/** Labels by identity, as flows of the bus carry them: those are whole. */
export function learnedIdentities(): IdentityDirectory & { learn(flow: Flow): void } {
  const known = new Map<number, readonly string[]>();
  const listeners = new Set<() => void>();
  const isNews = ({ identity, labels }: Endpoint): boolean => {
    if (identity === 0 || labels.length === 0 || known.has(identity)) return false;
    if (known.size >= MOST_IDENTITIES) known.clear();
    known.set(identity, labels);
    return true;
  };
  return {
    learn({ source, destination }) {
      const news = [isNews(source), isNews(destination)];
      if (news.includes(true)) for (const listener of listeners) listener();
    },
    labelsOf: (identity) => known.get(identity),
    identityLabels: (identity) => Promise.resolve(known.get(identity)),
    prime: () => Promise.resolve(),
    onLearned(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
