import * as z from 'zod';
import { NO_PLACES, type Places } from './layout.ts';

/** Places are kept in the browser, by cluster and level. What cannot be read is forgotten: the map is then laid out anew. */

const Point = z.object({ x: z.number(), y: z.number() });
const Stored = z.object({
  blocks: z.record(z.string(), z.object({ band: z.number().int().min(0).max(500), column: z.number().int().min(0).max(500) })),
  cells: z.record(z.string(), z.object({ row: z.number().int().min(0).max(5000), column: z.number().int().min(0).max(500) })),
  corridor: Point.optional(),
  free: z.record(z.string(), Point).optional(),
  outside: z.object({ extent: z.string(), at: z.record(z.string(), z.number()) }),
});

/** Beyond this many remembered cards (of pods long gone, mostly) it is better to begin anew. */
const MOST_CELLS = 6000;

const keyOf = (cluster: string, level: string) => `causeway.map.1:${cluster}:${level}`;

export function loadPlaces(cluster: string, level: string): Places {
  try {
    const parsed = Stored.safeParse(JSON.parse(localStorage.getItem(keyOf(cluster, level)) ?? 'null'));
    if (!parsed.success || Object.keys(parsed.data.cells).length > MOST_CELLS) return NO_PLACES;
    const { corridor, free, ...rest } = parsed.data;
    return { ...rest, ...(corridor ? { corridor } : {}), ...(free ? { free } : {}) };
  } catch {
    return NO_PLACES;
  }
}

export function savePlaces(cluster: string, level: string, places: Places): void {
  try {
    localStorage.setItem(keyOf(cluster, level), JSON.stringify(places));
  } catch {
    // A full or forbidden store only costs the memory of places.
  }
}

export function forgetPlaces(cluster: string, level: string): void {
  try {
    localStorage.removeItem(keyOf(cluster, level));
  } catch {
    // As above.
  }
}
