'use client';
import { Timeline } from '#lib/api/timeline.ts';
import { useApi } from '#components/live/use-api.ts';
import type { Console } from '#components/live/use-console.ts';

/** The last three hours of the cluster by the minute, asked for once however many parts of the page want it; nothing beside a capture. */
export function useHistory({ api, capture }: Pick<Console, 'api' | 'capture'>): Timeline | undefined {
  const url = capture === null ? `${api}/timeline?range=3h&step=60000` : null;
  return useApi(url, Timeline, { refreshMs: 30_000 }).data;
}
