import { type RunningConsole, startConsole } from '../../e2e/support/console.ts';
import { type Hubble, startHubble } from '#lib/testing/hubble.ts';

/** A console as shipped on a real relay of cluster `bench`, for as long as `run` takes; both end whatever happens. `rate`: flows per second at first. */
export async function onRelay(
  rate: number,
  run: (parts: { readonly hubble: Hubble; readonly console: RunningConsole }) => Promise<void>,
): Promise<void> {
  const hubble = await startHubble({ rate });
  try {
    const console = await startConsole({ args: ['--relay', hubble.relay, '--cluster-name', 'bench'] });
    try {
      await run({ hubble, console });
    } finally {
      await console.stop();
    }
  } finally {
    hubble.stop();
  }
}
