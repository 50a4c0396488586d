import * as z from 'zod';
import { ERROR_CODES } from '#lib/errors/errors.ts';

/** `POST /api/v1/relay-check`: what answered at a relay target, or what is wrong with it. Nothing is stored. */
export const RelayCheck = z.discriminatedUnion('ok', [
  z.object({
    ok: z.literal(true),
    version: z.string(),
    nodesConnected: z.number(),
    nodesUnavailable: z.number(),
    flowsPerSecond: z.number(),
  }),
  z.object({ ok: z.literal(false), code: z.enum(ERROR_CODES), detail: z.string() }),
]);
export type RelayCheck = z.infer<typeof RelayCheck>;
