// Builds the real test peers (hubble-relay with emulated agents, a Kubernetes API server, nats-server) into a cache folder outside the repository.
// Without the peers' folder or Go they are skipped with one clear line each; with CI=true that is a failure.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { root } from './bundle.mjs';

const peers = join(root, '../shared/peers');
const cache = process.env.CAUSEWAY_PEERS ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'causeway/peers');
const PEERS = { hubble: 'the real hubble-relay', k8s: 'the real Kubernetes API server', nats: 'the real nats-server' };

/** Why a peer cannot be had; undefined when it is built. */
function build(peer) {
  if (!existsSync(join(peers, peer, 'build.sh'))) return 'the folder ../shared/peers is not here';
  if (spawnSync('go', ['version']).status !== 0) return 'Go is not installed';
  const { status } = spawnSync('bash', [join(peers, peer, 'build.sh'), join(cache, peer)], {
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  return status === 0 ? undefined : 'the build failed';
}

let missing = 0;
for (const [peer, name] of Object.entries(PEERS)) {
  const reason = build(peer);
  if (!reason) continue;
  missing += 1;
  console.log(`${process.env.CI === 'true' ? 'FAILED' : 'skipped'}: tests against ${name}: ${reason}`);
}
process.exit(process.env.CI === 'true' && missing > 0 ? 1 : 0);
