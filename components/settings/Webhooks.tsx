'use client';
import { parseAsString, useQueryStates } from 'nuqs';
import { useState } from 'react';
import { type Webhook, type WebhookCreated, WebhookList } from '#lib/api/webhooks.ts';
import { visibleText } from '#lib/flow/text.ts';
import { NO_BODY, callApi } from '#components/live/api.ts';
import { Loaded } from '#components/live/Loaded.tsx';
import { useApi } from '#components/live/use-api.ts';
import { Button } from '#components/ui/Button.tsx';
import { Card } from '#components/ui/Card.tsx';
import { Empty } from '#components/ui/Faces.tsx';
import { exact } from '#components/ui/format.ts';
import { Mark } from '#components/ui/Mark.tsx';
import { Table, Td, Th, Tr } from '#components/ui/Table.tsx';
import { Confirm } from './Confirm.tsx';
import { ShownOnce } from './ShownOnce.tsx';
import { eventsInWords, stateOf } from './webhook-words.ts';
import { WebhookDeliveries } from './WebhookDeliveries.tsx';
import { WebhookDrawer } from './WebhookDrawer.tsx';

const ADD = '+';
const OWN = { edit: parseAsString, deliveries: parseAsString };

/** Who is told of gates and checks: programs at addresses that the configuration allows. */
export function Webhooks({ mayManage, clusters }: WebhooksProps) {
  const state = useApi('/api/v1/webhooks', WebhookList, { refreshMs: 10_000 });
  const [own, setOwn] = useQueryStates(OWN, { history: 'push' });
  const [created, setCreated] = useState<WebhookCreated>();
  const close = () => void setOwn({ edit: null, deliveries: null });
  const webhooks = state.data?.webhooks ?? [];
  const allowed = state.data?.allowed ?? [];
  const edited = webhooks.find(({ id }) => id === own.edit);
  const opened = webhooks.find(({ id }) => id === own.deliveries);
  return (
    <>
      {created && (
        <ShownOnce name={created.name} secret={created.secret} onDone={() => setCreated(undefined)}>
          It is shown only now. The receiver checks with it that a message is from this console: each is signed as Standard
          Webhooks describe, in the headers <code className="font-mono text-12">webhook-id</code>,{' '}
          <code className="font-mono text-12">webhook-timestamp</code> and{' '}
          <code className="font-mono text-12">webhook-signature</code>.
        </ShownOnce>
      )}
      <Card
        flush
        title="Webhooks"
        hint="programs that are told of gates and checks"
        aside={
          mayManage &&
          allowed.length > 0 && (
            <Button look="primary" onClick={() => void setOwn({ edit: ADD, deliveries: null })}>
              Add webhook
            </Button>
          )
        }
      >
        <Loaded state={state}>
          {() =>
            webhooks.length === 0 ? (
              <NoWebhooks allowed={allowed} mayManage={mayManage} />
            ) : (
              <Table caption="Webhooks">
                <thead>
                  <tr>
                    <Th>Webhook</Th>
                    <Th className="max-md:hidden">Told of</Th>
                    <Th>State</Th>
                    <Th className="w-60">
                      <span className="sr-only">Actions</span>
                    </Th>
                  </tr>
                </thead>
                <tbody>
                  {webhooks.map((webhook) => (
                    <WebhookRow
                      key={webhook.id}
                      webhook={webhook}
                      nameOf={(id) => clusters.find((cluster) => cluster.id === id)?.name ?? id}
                      mayManage={mayManage}
                      selected={webhook.id === own.edit || webhook.id === own.deliveries}
                      onEdit={() => void setOwn({ edit: webhook.id, deliveries: null })}
                      onDeliveries={() => void setOwn({ edit: null, deliveries: webhook.id })}
                      onRemoved={() => {
                        close();
                        state.reload();
                      }}
                    />
                  ))}
                </tbody>
              </Table>
            )
          }
        </Loaded>
      </Card>
      {webhooks.length > 0 && (
        <p className="text-12 wrap-anywhere text-ink-3">
          {allowed.length === 0 ? (
            <>
              No target is allowed any more (<code className="font-mono">CAUSEWAY_WEBHOOK_ORIGINS</code> is empty): nothing is
              sent.
            </>
          ) : (
            <>Allowed targets: {allowed.join(', ')}</>
          )}
        </p>
      )}
      {mayManage && state.data && (own.edit === ADD || edited) && (allowed.length > 0 || edited) && (
        <WebhookDrawer
          key={edited ? `${edited.id} ${edited.version}` : ADD}
          webhook={edited}
          allowed={allowed}
          clusters={clusters}
          onClose={close}
          onSaved={(made) => {
            setCreated(made ?? created);
            close();
            state.reload();
          }}
        />
      )}
      {opened && (
        <WebhookDeliveries key={opened.id} webhook={opened} mayManage={mayManage} onClose={close} onChanged={state.reload} />
      )}
    </>
  );
}
interface WebhooksProps {
  mayManage: boolean;
  clusters: readonly { readonly id: string; readonly name: string }[];
}

/** None: because none was added, or because the configuration allows no target. */
function NoWebhooks({ allowed, mayManage }: { allowed: readonly string[]; mayManage: boolean }) {
  if (allowed.length === 0)
    return (
      <Empty title="No target is allowed">
        Set <code className="font-mono text-12">CAUSEWAY_WEBHOOK_ORIGINS</code> to the origins that may be told, for example{' '}
        <code className="font-mono text-12">https://hooks.example.com</code>, and start the console again. Nothing else is ever
        called.
      </Empty>
    );
  return (
    <Empty title="No webhook yet">
      {mayManage ? 'Add one to tell a chat or a pipeline' : 'An administrator adds one to tell a chat or a pipeline'} of gate
      requests, decisions and checks that turn. Allowed targets: <span className="wrap-anywhere">{allowed.join(', ')}</span>
    </Empty>
  );
}

function WebhookRow({ webhook, nameOf, mayManage, selected, onEdit, onDeliveries, onRemoved }: WebhookRowProps) {
  const { id, name, url, events, clusters, counts, lastProblem } = webhook;
  const { mark, words } = stateOf(webhook);
  return (
    <Tr dense={false} selected={selected} className="align-top *:py-2">
      <Td>
        <span className="block font-title wrap-anywhere">{visibleText(name)}</span>
        <span
          className="block font-mono text-12 wrap-anywhere text-ink-3 max-md:max-w-24 max-md:truncate"
          title={visibleText(url)}
        >
          {visibleText(url)}
        </span>
      </Td>
      <Td className="text-ink-2 max-md:hidden">
        <span title={events.join('\n')}>{eventsInWords(events)}</span>
        <span className="block text-12 text-ink-3">
          {clusters.length === 0 ? 'of all clusters' : `of ${clusters.map(nameOf).join(', ')}`}
        </span>
      </Td>
      <Td>
        <span className="inline-flex items-center gap-1.5 whitespace-nowrap">
          <Mark name={mark} />
          {words}
        </span>
        <span className="block text-12 whitespace-nowrap text-ink-3">{exact(counts.delivered)} delivered in 24 h</span>
        {lastProblem !== '' && (
          <span className="block max-w-60 text-12 wrap-anywhere text-ink-3">{visibleText(lastProblem)}</span>
        )}
      </Td>
      <Td className="text-right">
        <span className="inline-flex flex-wrap justify-end gap-2">
          <Button size="sm" onClick={onDeliveries}>
            Deliveries
          </Button>
          {mayManage && (
            <>
              <Button size="sm" onClick={onEdit}>
                Edit
              </Button>
              <Confirm
                button="Remove"
                question={`Remove ${visibleText(name)}?`}
                effect={
                  counts.waiting > 0
                    ? `It is told nothing any more; ${exact(counts.waiting)} waiting ${counts.waiting === 1 ? 'message is' : 'messages are'} dropped, and the list of what it was sent goes too.`
                    : 'It is told nothing any more, and the list of what it was sent goes too.'
                }
                action={async () => {
                  await callApi(`/api/v1/webhooks/${encodeURIComponent(id)}`, NO_BODY, { method: 'DELETE' });
                  onRemoved();
                }}
              />
            </>
          )}
        </span>
      </Td>
    </Tr>
  );
}
interface WebhookRowProps {
  webhook: Webhook;
  nameOf: (cluster: string) => string;
  mayManage: boolean;
  selected: boolean;
  onEdit: () => void;
  onDeliveries: () => void;
  onRemoved: () => void;
}
