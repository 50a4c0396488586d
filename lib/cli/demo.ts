import { startDemo } from '#lib/demo/demo.ts';
import { runPart } from './supervise.ts';

/** The demo relays as a part of `up`: says their addresses, serves until told to stop. */
export function serveDemo({ seed }: { readonly seed?: number }): Promise<void> {
  return runPart(async () => {
    const demo = await startDemo(seed === undefined ? {} : { seed });
    return { said: { clusters: demo.clusters }, close: () => demo.close() };
  });
}
