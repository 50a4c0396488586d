import { homedir } from 'node:os';
import { join } from 'node:path';

/** Where `scripts/peers.mjs` keeps what it builds: a folder outside the repository, one below it for each peer. */
export const PEERS_CACHE =
  process.env['CAUSEWAY_PEERS'] ?? join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'causeway/peers');
