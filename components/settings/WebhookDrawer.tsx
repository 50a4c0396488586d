'use client';
import { type FormEvent, useState } from 'react';
import { Webhook, WebhookCreated, WebhookInput } from '#lib/api/webhooks.ts';
import { callApi } from '#components/live/api.ts';
import { Button } from '#components/ui/Button.tsx';
import { Drawer, DrawerSection } from '#components/ui/Drawer.tsx';
import { Failed } from '#components/ui/Faces.tsx';
import { inputClass } from '#components/ui/SearchBox.tsx';
import { Field } from './Field.tsx';
import { useAction } from './use-action.ts';
import { EVENT_GROUPS, EVENT_WORDS, targetProblem } from './webhook-words.ts';

/** Adds a webhook, or changes one: where it goes, what it is told, of which clusters. */
export function WebhookDrawer({ webhook, allowed, clusters, onClose, onSaved }: WebhookDrawerProps) {
  const [input, setInput] = useState<WebhookInput>(() => inputOf(webhook));
  const [problems, setProblems] = useState<Problems>({});
  const { busy, problem, run } = useAction();
  const set = (change: Partial<WebhookInput>) => setInput((current) => ({ ...current, ...change }));

  const save = async (event: FormEvent) => {
    event.preventDefault();
    const found = problemsOf(input, allowed);
    setProblems(found);
    if (Object.values(found).some((each) => each !== undefined)) return;
    await run(async () => {
      if (webhook) {
        const path = `/api/v1/webhooks/${encodeURIComponent(webhook.id)}`;
        await callApi(path, Webhook, { method: 'PUT', json: input, headers: { 'if-match': `"v${webhook.version}"` } });
        return onSaved(undefined);
      }
      const headers = { 'idempotency-key': crypto.randomUUID() };
      const { body } = await callApi('/api/v1/webhooks', WebhookCreated, { method: 'POST', json: input, headers });
      return onSaved(body);
    });
  };
  return (
    <Drawer
      kind="Webhook"
      title={webhook?.name ?? 'Add a webhook'}
      onClose={onClose}
      footer={
        <Button look="primary" type="submit" form="webhook-form" disabled={busy}>
          {webhook ? 'Save' : 'Add webhook'}
        </Button>
      }
    >
      <form id="webhook-form" onSubmit={(event) => void save(event)} noValidate>
        <DrawerSection>
          <div className="flex flex-col gap-3">
            <Field label="Name" problem={problems.name}>
              <input
                value={input.name}
                onChange={(event) => set({ name: event.target.value })}
                className={inputClass}
                autoComplete="off"
              />
            </Field>
            <Field label="Address" hint={`Allowed: ${allowed.join(', ')}`} problem={problems.url}>
              <input
                type="url"
                value={input.url}
                placeholder={`${allowed[0] ?? 'https://'}/…`}
                onChange={(event) => set({ url: event.target.value.trim() })}
                className={inputClass}
                autoComplete="off"
                spellCheck={false}
              />
            </Field>
            <Tick
              label="Send"
              note="off: events are neither sent nor kept"
              checked={input.active}
              onChange={(active) => set({ active })}
            />
          </div>
        </DrawerSection>
        <DrawerSection title="What it is told" aside={problems.events}>
          <div className="flex flex-col gap-3">
            {EVENT_GROUPS.map(({ name, events }) => (
              <fieldset key={name} className="flex flex-col gap-1">
                <legend className="text-12 font-label text-ink-2">{name}</legend>
                {events.map((event) => (
                  <Tick
                    key={event}
                    label={event}
                    note={EVENT_WORDS[event]}
                    mono
                    checked={input.events.includes(event)}
                    onChange={(on) => set({ events: toggled(input.events, event, on) })}
                  />
                ))}
              </fieldset>
            ))}
          </div>
        </DrawerSection>
        <DrawerSection title="Of which clusters" aside={input.clusters.length === 0 ? 'all, also those to come' : undefined}>
          <fieldset className="flex flex-col gap-1">
            <legend className="sr-only">Clusters; none ticked means all</legend>
            {clusters.map(({ id, name }) => (
              <Tick
                key={id}
                label={name}
                checked={input.clusters.includes(id)}
                onChange={(on) => set({ clusters: toggled(input.clusters, id, on) })}
              />
            ))}
          </fieldset>
        </DrawerSection>
      </form>
      {problem && <Failed problem={problem} />}
    </Drawer>
  );
}
interface WebhookDrawerProps {
  /** The one that is changed; undefined adds one. */
  webhook: Webhook | undefined;
  allowed: readonly string[];
  clusters: readonly { readonly id: string; readonly name: string }[];
  onClose: () => void;
  /** With the secret where one was made. */
  onSaved: (created: WebhookCreated | undefined) => void;
}

type Problems = Partial<Record<'name' | 'url' | 'events', string | undefined>>;

/** A new one is told of gates; what a check says is for those who ask for it. */
const inputOf = (webhook: Webhook | undefined): WebhookInput =>
  webhook
    ? { name: webhook.name, url: webhook.url, events: webhook.events, clusters: webhook.clusters, active: webhook.active }
    : { name: '', url: '', events: [...(EVENT_GROUPS[0]?.events ?? [])], clusters: [], active: true };

function problemsOf(input: WebhookInput, allowed: readonly string[]): Problems {
  const { name, events } = WebhookInput.shape;
  return {
    name: name.safeParse(input.name).success ? undefined : 'A name of at most 100 characters, to recognise it by.',
    url: targetProblem(input.url, allowed),
    events: events.safeParse(input.events).success ? undefined : 'Choose at least one.',
  };
}

const toggled = <T extends string>(list: readonly T[], item: T, on: boolean): T[] =>
  on ? [...new Set([...list, item])] : list.filter((each) => each !== item);

function Tick({ label, note, mono = false, checked, onChange }: TickProps) {
  return (
    <label className="flex min-h-6 items-center gap-2 text-13">
      <input
        type="checkbox"
        checked={checked}
        onChange={(event) => onChange(event.target.checked)}
        className="accent-(--accent)"
      />
      <span>
        <span className={mono ? 'font-mono text-12' : undefined}>{label}</span>
        {note !== undefined && <span className="text-12 text-ink-3"> {note}</span>}
      </span>
    </label>
  );
}
interface TickProps {
  label: string;
  note?: string;
  mono?: boolean;
  checked: boolean;
  onChange: (checked: boolean) => void;
}
