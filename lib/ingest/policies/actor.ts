import 'server-only';
import type { Call } from '../server.ts';

/** Who asks, as the web process says it; empty where it does not. */
export function actorOf({ headers }: Pick<Call, 'headers'>): string {
  const actor = headers['x-causeway-actor'];
  return typeof actor === 'string' ? decodeURIComponent(actor) : '';
}
