/** Runs once before the server takes requests: a wrong configuration ends the start with one line for each variable. */
export async function register(): Promise<void> {
  if (process.env['NEXT_RUNTIME'] !== 'nodejs') return;
  const { start } = await import('#lib/http/start.ts');
  start();
}
