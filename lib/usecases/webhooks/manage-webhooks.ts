import 'server-only';
import { randomUUID } from 'node:crypto';
import type { Webhook, WebhookCreated, WebhookInput } from '#lib/api/webhooks.ts';
import type { AuditAction } from '#lib/audit-log/actions.ts';
import type { AuditContext } from '#lib/audit-log/event.ts';
import { appendAudit } from '#lib/db/audit-log/append.ts';
import { reviveDelivery } from '#lib/db/webhooks/deliveries.ts';
import { type Beside, deleteWebhook, findWebhook, insertWebhook, updateWebhook } from '#lib/db/webhooks/webhooks.ts';
import { CausewayError } from '#lib/errors/errors.ts';
import { newWebhookSecret, seal } from '#lib/webhooks/seal.ts';
import { allowedUrl } from '#lib/webhooks/target.ts';

/** What the configuration says of webhooks. */
export interface WebhookRules {
  /** Where they may go. */
  readonly origins: readonly string[];
  readonly consoleSecret: string;
}

/** Adds a webhook; its secret is in this answer and readable nowhere else. Throws `bad-input` for a target that is not allowed. */
export async function addWebhook(
  input: WebhookInput,
  context: AuditContext,
  { origins, consoleSecret }: WebhookRules,
  now = Date.now(),
): Promise<WebhookCreated> {
  allowedUrl(input.url, origins);
  const id = randomUUID();
  const secret = newWebhookSecret();
  const sealed = seal(secret, id, consoleSecret);
  const order = { id, input, sealed, createdBy: context.actor.name, now };
  return { ...(await insertWebhook(order, audited('webhook.create', context))), secret };
}

/** Changes the webhook that was read at `version`. Throws `precondition-failed` when someone else was faster. */
export async function changeWebhook(
  id: string,
  version: number,
  input: WebhookInput,
  context: AuditContext,
  { origins }: WebhookRules,
  now = Date.now(),
): Promise<Webhook> {
  allowedUrl(input.url, origins);
  const webhook = await updateWebhook(id, version, input, now, audited('webhook.change', context));
  if (webhook) return webhook;
  if (!(await findWebhook(id))) throw notThere();
  throw new CausewayError('precondition-failed', 'the webhook was changed in the meantime; read it again');
}

/** Removes a webhook with what it was sent and what waits for it. Throws `not-found`. */
export async function removeWebhook(id: string, context: AuditContext): Promise<void> {
  if (!(await deleteWebhook(id, audited('webhook.delete', context)))) throw notThere();
}

/** Has a delivery that was given up sent again. Throws `conflict` for one that was not. */
export async function resendDelivery(webhook: string, delivery: string, context: AuditContext, now = Date.now()): Promise<void> {
  const object = { type: 'webhook', id: webhook };
  const revived = await reviveDelivery(webhook, delivery, now, (tx) =>
    appendAudit(tx, { ...context, action: 'webhook.resend', object, outcome: 'ok', details: { delivery } }),
  );
  if (revived) return;
  if (!(await findWebhook(webhook))) throw notThere();
  throw new CausewayError(
    'conflict',
    'only a delivery that was given up is sent again; this one waits, arrived, or is forgotten',
  );
}

/** The URL is not written down whole: its path often is the secret of a chat program. */
const audited =
  (action: AuditAction, context: AuditContext): Beside =>
  (tx, { id, name, url, events, clusters, active }) =>
    appendAudit(tx, {
      ...context,
      action,
      object: { type: 'webhook', id },
      outcome: 'ok',
      details: { name, origin: new URL(url).origin, events: events.join(' '), clusters: clusters.join(' '), active },
    });

const notThere = () => new CausewayError('not-found', 'there is no such webhook');
