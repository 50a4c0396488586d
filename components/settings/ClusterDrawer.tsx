'use client';
import { type FormEvent, useState } from 'react';
import { type Cluster, Cluster as ClusterSchema } from '#lib/api/clusters.ts';
import { ENVIRONMENTS } from '#lib/api/common.ts';
import { RelayCheck } from '#lib/api/relay-check.ts';
import { callApi } from '#components/live/api.ts';
import { Button } from '#components/ui/Button.tsx';
import { Drawer, DrawerSection } from '#components/ui/Drawer.tsx';
import { Failed } from '#components/ui/Faces.tsx';
import { humanised } from '#components/ui/format.ts';
import { Mark } from '#components/ui/Mark.tsx';
import { inputClass } from '#components/ui/SearchBox.tsx';
import { Segmented } from '#components/ui/Segmented.tsx';
import { type ClusterForm, FLOW_SOURCES, type FormProblems, formOf, inputOf, relayOf } from './cluster-form.ts';
import { Field } from './Field.tsx';
import { ObjectsSection } from './ObjectsSection.tsx';
import { useAction } from './use-action.ts';

/** Adds a cluster, or changes the one given (read at `etag`: a change made meanwhile by someone else is refused, not overwritten). */
export function ClusterDrawer({ cluster, etag, onClose, onSaved }: ClusterDrawerProps) {
  const [form, setForm] = useState<ClusterForm>(() => formOf(cluster));
  const [problems, setProblems] = useState<FormProblems>({});
  const [check, setCheck] = useState<RelayCheck>();
  const saving = useAction();
  const testing = useAction();
  const set = (change: Partial<ClusterForm>) => {
    setForm((current) => ({ ...current, ...change }));
    setCheck(undefined);
  };
  const text = (field: 'id' | 'name' | 'address' | 'tlsCaFile' | 'tlsCertFile' | 'tlsKeyFile' | 'tlsServerName') => ({
    value: form[field],
    onChange: (event: { target: { value: string } }) => set({ [field]: event.target.value }),
    className: inputClass,
    autoComplete: 'off',
    spellCheck: false,
  });

  const save = async (event: FormEvent) => {
    event.preventDefault();
    const result = inputOf(form);
    setProblems('problems' in result ? result.problems : {});
    if ('problems' in result) return;
    const done = await saving.run(() =>
      cluster
        ? callApi(`/api/v1/clusters/${encodeURIComponent(cluster.id)}`, ClusterSchema, {
            method: 'PUT',
            json: result.input,
            headers: { 'if-match': etag ?? '' },
          })
        : callApi('/api/v1/clusters', ClusterSchema, {
            method: 'POST',
            json: result.input,
            headers: { 'idempotency-key': crypto.randomUUID() },
          }),
    );
    if (done) onSaved();
  };
  const test = () =>
    testing.run(async () => {
      setCheck(undefined);
      const result = inputOf({ ...form, id: form.id || 'x' });
      setProblems('problems' in result ? result.problems : {});
      if ('problems' in result) return;
      const { body } = await callApi('/api/v1/relay-check', RelayCheck, { method: 'POST', json: relayOf(form) });
      setCheck(body);
    });

  return (
    <Drawer
      kind="Cluster"
      title={cluster ? cluster.name : 'Add a cluster'}
      onClose={onClose}
      footer={
        <>
          <Button look="primary" type="submit" form="cluster-form" disabled={saving.busy}>
            {cluster ? 'Save' : 'Add cluster'}
          </Button>
          {form.flowsFrom === 'relay' && (
            <Button disabled={testing.busy} onClick={() => void test()}>
              {testing.busy ? 'Testing' : 'Test connection'}
            </Button>
          )}
        </>
      }
    >
      <form id="cluster-form" onSubmit={(event) => void save(event)} noValidate>
        <DrawerSection title="Cluster">
          <div className="flex flex-col gap-3">
            <Field
              label="Id"
              hint={cluster ? 'It stands in links and cannot change.' : 'It stands in links: lower-case letters, digits, dashes.'}
              problem={problems.id}
            >
              <input {...text('id')} disabled={cluster !== undefined} className={`${inputClass} font-mono`} />
            </Field>
            <Field label="Name" problem={problems.name}>
              <input {...text('name')} placeholder={form.id} />
            </Field>
            <div className="flex flex-col gap-1">
              <span className="text-12 font-label text-ink-2">Environment</span>
              <Segmented
                label="Environment"
                value={form.environment}
                onChange={(environment) => set({ environment })}
                options={ENVIRONMENTS.map((value) => ({ value, label: value }))}
              />
            </div>
          </div>
        </DrawerSection>
        <DrawerSection title="Flows">
          <div className="flex flex-col gap-3">
            <div className="flex flex-col gap-1">
              <span className="text-12 font-label text-ink-2">From</span>
              <Segmented
                label="Flows from"
                value={form.flowsFrom}
                onChange={(flowsFrom) => set({ flowsFrom })}
                options={FLOW_SOURCES}
              />
            </div>
            {form.flowsFrom === 'bus' ? (
              <p className="text-13 text-ink-2">
                Messages that name this cluster’s id are taken, where the console is started with CAUSEWAY_NATS_URL.
              </p>
            ) : (
              <>
                <Field label="Address" hint="As the console's host reaches it." problem={problems.address}>
                  <input
                    {...text('address')}
                    placeholder="hubble-relay.kube-system.svc:4245"
                    className={`${inputClass} font-mono`}
                  />
                </Field>
                <label className="flex h-9 items-center gap-2 text-13 md:h-7">
                  <input
                    type="checkbox"
                    checked={form.tls}
                    onChange={(event) => set({ tls: event.target.checked })}
                    className="size-4 accent-accent"
                  />
                  TLS
                </label>
                {form.tls && (
                  <>
                    <Field
                      label="CA certificate file"
                      hint="A path on the console's host. Without it the host's own certificates count."
                      problem={problems.tlsCaFile}
                    >
                      <input {...text('tlsCaFile')} className={`${inputClass} font-mono`} />
                    </Field>
                    <Field
                      label="Client certificate file"
                      hint="For a relay that asks for one (mTLS)."
                      problem={problems.tlsCertFile}
                    >
                      <input {...text('tlsCertFile')} className={`${inputClass} font-mono`} />
                    </Field>
                    <Field label="Client key file" problem={problems.tlsKeyFile}>
                      <input {...text('tlsKeyFile')} className={`${inputClass} font-mono`} />
                    </Field>
                    <Field
                      label="Server name"
                      hint="The name in the relay's certificate, where it is not the host of the address."
                      problem={problems.tlsServerName}
                    >
                      <input
                        {...text('tlsServerName')}
                        placeholder="ui.hubble-relay.cilium.io"
                        className={`${inputClass} font-mono`}
                      />
                    </Field>
                  </>
                )}
              </>
            )}
          </div>
        </DrawerSection>
        <ObjectsSection form={form} problems={problems} onChange={set} />
      </form>
      <output className="block">
        {check && <CheckResult check={check} />}
        {testing.problem && <Failed problem={testing.problem} />}
        {saving.problem && <Failed problem={saving.problem} />}
      </output>
    </Drawer>
  );
}
interface ClusterDrawerProps {
  cluster: Cluster | undefined;
  etag: string | undefined;
  onClose: () => void;
  onSaved: () => void;
}

function CheckResult({ check }: { check: RelayCheck }) {
  if (!check.ok) {
    return (
      <span className="flex gap-2.5 bg-drop-tint p-4 text-13">
        <Mark name="fail" className="mt-1" />
        <span className="wrap-anywhere">{check.detail}</span>
      </span>
    );
  }
  return (
    <span className="flex gap-2.5 p-4 text-13">
      <Mark name="pass" className="mt-1" />
      <span>
        A relay answers ({check.version || 'it does not say its version'}): {check.nodesConnected} nodes connected
        {check.nodesUnavailable > 0 && `, ${check.nodesUnavailable} not available`}, {humanised(check.flowsPerSecond)} flows/s.
      </span>
    </span>
  );
}
