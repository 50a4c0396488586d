'use client';
import { WebhookDeliveryList, type Webhook, type WebhookDelivery } from '#lib/api/webhooks.ts';
import { visibleText } from '#lib/flow/text.ts';
import { NO_BODY, callApi } from '#components/live/api.ts';
import { Loaded } from '#components/live/Loaded.tsx';
import { useApi } from '#components/live/use-api.ts';
import { Button } from '#components/ui/Button.tsx';
import { Drawer } from '#components/ui/Drawer.tsx';
import { Empty, Failed } from '#components/ui/Faces.tsx';
import { exact } from '#components/ui/format.ts';
import { Mark } from '#components/ui/Mark.tsx';
import { SkeletonRows } from '#components/ui/Skeleton.tsx';
import { Time } from '#components/ui/Time.tsx';
import { useAction } from './use-action.ts';
import { DELIVERY_MARKS, DELIVERY_WORDS, eventsInWords, stateOf } from './webhook-words.ts';

/** What a webhook was sent, what waits and what was given up; the last can be sent again. */
export function WebhookDeliveries({ webhook, mayManage, onClose, onChanged }: WebhookDeliveriesProps) {
  const path = `/api/v1/webhooks/${encodeURIComponent(webhook.id)}/deliveries`;
  const state = useApi(path, WebhookDeliveryList, { refreshMs: 5000 });
  const { mark, words } = stateOf(webhook);
  return (
    <Drawer
      kind="Deliveries"
      title={visibleText(webhook.name)}
      chips={
        <>
          <span className="inline-flex items-center gap-1.5 text-ink-2">
            <Mark name={mark} />
            {words}
          </span>
          <span>{eventsInWords(webhook.events)}</span>
        </>
      }
      onClose={onClose}
    >
      <Loaded state={state} skeleton={<SkeletonRows rows={8} dense={false} label="Loading deliveries" />}>
        {({ deliveries }) =>
          deliveries.length === 0 ? (
            <Empty title="Nothing was sent yet">The first event that it wants to be told of stands here.</Empty>
          ) : (
            <ul aria-label="Deliveries">
              {deliveries.map((delivery) => (
                <Delivery
                  key={delivery.id}
                  delivery={delivery}
                  path={path}
                  mayManage={mayManage}
                  onSent={() => {
                    state.reload();
                    onChanged();
                  }}
                />
              ))}
            </ul>
          )
        }
      </Loaded>
    </Drawer>
  );
}
interface WebhookDeliveriesProps {
  webhook: Webhook;
  mayManage: boolean;
  onClose: () => void;
  onChanged: () => void;
}

function Delivery({ delivery, path, mayManage, onSent }: DeliveryProps) {
  const { id, event, at, state, attempts, nextAt, status, problem: trouble, text } = delivery;
  const { busy, problem, run } = useAction();
  const resend = () =>
    run(async () => {
      await callApi(`${path}/${encodeURIComponent(id)}`, NO_BODY, { method: 'POST' });
      onSent();
    });
  return (
    <li className="flex flex-col gap-1 border-b border-line px-4 py-2.5 text-13">
      <p className="flex items-baseline justify-between gap-3">
        <span className="inline-flex min-w-0 items-center gap-2">
          <Mark name={DELIVERY_MARKS[state]} />
          <span className="whitespace-nowrap">{DELIVERY_WORDS[state]}</span>
          <span className="truncate font-mono text-12 text-ink-2">{event}</span>
        </span>
        <Time at={at} className="shrink-0 text-12 text-ink-3" />
      </p>
      <p className="wrap-anywhere text-ink-2">{visibleText(text)}</p>
      <p className="text-12 wrap-anywhere text-ink-3">
        {exact(attempts)} {attempts === 1 ? 'attempt' : 'attempts'}
        {trouble !== '' ? `, ${visibleText(trouble)}` : status !== undefined && `, answered ${status}`}
        {state === 'waiting' && nextAt !== undefined && (
          <>
            , next <Time at={nextAt} />
          </>
        )}
      </p>
      {state === 'dead' && mayManage && (
        <div>
          <Button size="sm" disabled={busy} onClick={() => void resend()}>
            Send again
          </Button>
        </div>
      )}
      {problem && <Failed problem={problem} className="px-0 py-1" />}
    </li>
  );
}
interface DeliveryProps {
  delivery: WebhookDelivery;
  path: string;
  mayManage: boolean;
  onSent: () => void;
}
