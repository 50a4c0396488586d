// Builds the real test peers (hubble-relay, hubble client, emulated agents) into a cache folder outside the repository.
// Without the peers' folder or Go they are skipped with one clear line; with CI=true that is a failure.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { root } from './bundle.mjs';

const peers = join(root, '../shared/peers');
const cache = process.env.CAUSEWAY_PEERS ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'causeway/peers');

function unavailable(reason) {
  console.log(`${process.env.CI === 'true' ? 'FAILED' : 'skipped'}: tests against the real hubble-relay: ${reason}`);
  process.exit(process.env.CI === 'true' ? 1 : 0);
}

if (!existsSync(join(peers, 'hubble/build.sh'))) unavailable('the folder ../shared/peers is not here');
if (spawnSync('go', ['version']).status !== 0) unavailable('Go is not installed');
const { status } = spawnSync('bash', [join(peers, 'hubble/build.sh'), join(cache, 'hubble')], {
  stdio: ['ignore', 'inherit', 'inherit'],
});
if (status !== 0) unavailable('the build failed');
