import type { DataDir } from './data-dir.ts';

/** Lets this process act as the console of a data directory: sets what `lib/config` reads, unless the environment says otherwise. */
export function actAs(data: DataDir, databaseUrl: string): void {
  process.env['DATABASE_URL'] = databaseUrl;
  process.env['DATABASE_POOL'] ??= '2';
  process.env['INGEST_URL'] ??= data.ingestUrl;
  process.env['INGEST_TOKEN'] ??= data.ingestToken;
  process.env['NEXTAUTH_SECRET'] ??= data.sessionSecret;
}
