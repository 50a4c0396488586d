import type { Connection } from '#components/live/connections.ts';
import type { Problem } from '#lib/api/common.ts';
import { duration } from '#components/ui/format.ts';

/** What the bar below the top bar says when what is shown stands still; undefined when all is well. Pure. */
export function connectionView(
  connections: Iterable<Connection>,
  status: { readonly error: Problem | undefined; readonly at: number },
  now: number,
): { readonly title: string; readonly detail: string; readonly signIn: boolean } | undefined {
  if (now === 0) return undefined;
  if (status.error?.status === 401) {
    return { title: 'Your session has ended.', detail: 'What you see is from before.', signIn: true };
  }
  const broken = [...connections].find(({ state, since }) => state === 'reconnecting' && now - since > PATIENCE_MS);
  if (broken) {
    const again = broken.retryAt !== undefined && broken.retryAt > now ? ` in ${duration(broken.retryAt - now)}` : ' now';
    return {
      title: `Connection lost ${duration(now - broken.since)} ago.`,
      detail: `Trying again${again}. What you see is from ${duration(now - broken.lastEvent)} ago.`,
      signIn: false,
    };
  }
  if (status.error) {
    const since = status.at === 0 ? '' : ` What you see is from ${duration(now - status.at)} ago.`;
    return { title: sentence(status.error.detail ?? status.error.title), detail: `Trying again.${since}`, signIn: false };
  }
  return undefined;
}

/** A line that comes back at once is not worth a word. */
const PATIENCE_MS = 1500;

const sentence = (text: string) => `${text.charAt(0).toUpperCase()}${text.slice(1)}${/[.!?]$/.test(text) ? '' : '.'}`;
