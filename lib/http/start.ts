import 'server-only';
import { roleMap } from '#lib/auth/actor.ts';
import { config } from '#lib/config/config.ts';
import { CausewayError } from '#lib/errors/errors.ts';
import { rootLog } from './log.ts';

/** Reads the whole configuration, so that what is wrong with it shows now and not at somebody's first request. Ends the process then. */
export function start(): void {
  try {
    const { publicUrl, demo, oidc } = config();
    roleMap();
    rootLog().info({ publicUrl, demo, issuer: oidc?.issuer }, 'web starts');
  } catch (error) {
    if (!(error instanceof CausewayError)) throw error;
    for (const line of error.message.split('\n')) console.error(line);
    process.exit(78); // EX_CONFIG
  }
}
