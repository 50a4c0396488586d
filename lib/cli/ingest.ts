import { startIngest } from '#lib/ingest/main.ts';
import { CausewayError } from '#lib/errors/errors.ts';
import { runPart } from './supervise.ts';

/** `causeway ingest`. */
export function runIngest({ listen }: { readonly listen: string }): Promise<void> {
  return runPart(async () => {
    const ingest = await startIngest({ databaseUrl: required('DATABASE_URL'), token: required('INGEST_TOKEN'), listen });
    return { said: { listen }, close: () => ingest.close() };
  });
}

function required(name: string): string {
  const value = process.env[name];
  if (!value) throw new CausewayError('not-configured', `${name} is not set`);
  return value;
}
