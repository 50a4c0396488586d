import { startConsole } from './console.ts';

/** One demo console for all journeys that only look; its address is in CAUSEWAY_E2E_URL. Journeys that break things start their own. */
export default async function globalSetup(): Promise<(() => Promise<void>) | undefined> {
  if (process.env['CAUSEWAY_E2E_URL']) return undefined;
  const console = await startConsole();
  process.env['CAUSEWAY_E2E_URL'] = console.url;
  return async () => {
    await console.stop();
  };
}
