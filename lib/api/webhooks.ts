import * as z from 'zod';
import { ClusterId, Time, Title } from './common.ts';

/** Events that a webhook can be told of. */
export const WEBHOOK_EVENTS = [
  'gate.requested',
  'gate.approved',
  'gate.rejected',
  'gate.stale',
  'gate.executed',
  'gate.completed',
  'gate.rolled-back',
  'gate.broken-glass',
  'elevation.asked',
  'check.failed',
  'check.passed',
] as const;
export const WebhookEvent = z.enum(WEBHOOK_EVENTS);
export type WebhookEvent = z.infer<typeof WebhookEvent>;

/** `POST /api/v1/webhooks`, `PUT /api/v1/webhooks/{webhook}` (admin). */
export const WebhookInput = z.object({
  name: Title,
  /** Its origin must be on the list of the configuration (CAUSEWAY_WEBHOOK_ORIGINS). */
  url: z.url({ protocol: /^https?$/ }).max(2000),
  events: z.array(WebhookEvent).min(1),
  /** Only of these; empty: of all. */
  clusters: z.array(ClusterId).max(100).default([]),
  active: z.boolean().default(true),
});
export type WebhookInput = z.infer<typeof WebhookInput>;

export const Webhook = WebhookInput.extend({
  id: z.string(),
  name: z.string(),
  url: z.string(),
  createdAt: Time,
  createdBy: z.string(),
  /** Waiting, delivered in the last 24 h, and given up. */
  counts: z.object({ waiting: z.number(), delivered: z.number(), dead: z.number() }),
  lastProblem: z.string(),
  version: z.number(),
});
export type Webhook = z.infer<typeof Webhook>;
export const WebhookList = z.object({
  webhooks: z.array(Webhook),
  /** Origins that may be used, as configured. */
  allowed: z.array(z.string()),
});
/** The secret is shown once. */
export const WebhookCreated = Webhook.extend({ secret: z.string() });
export type WebhookCreated = z.infer<typeof WebhookCreated>;

export const WebhookDelivery = z.object({
  id: z.string(),
  event: WebhookEvent,
  at: Time,
  state: z.enum(['waiting', 'delivered', 'dead']),
  attempts: z.number(),
  nextAt: Time.optional(),
  /** Status of the last answer; absent where there was none. */
  status: z.number().optional(),
  problem: z.string(),
  text: z.string(),
});
export type WebhookDelivery = z.infer<typeof WebhookDelivery>;
/** `GET /api/v1/webhooks/{webhook}/deliveries`, newest first, at most 200. */
export const WebhookDeliveryList = z.object({ deliveries: z.array(WebhookDelivery) });
