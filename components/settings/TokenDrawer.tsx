'use client';
import { type FormEvent, useState } from 'react';
import { ENVIRONMENTS } from '#lib/api/common.ts';
import { type Grant, Grant as GrantSchema, ROLES, Role, TokenCreated, TokenInput } from '#lib/api/people.ts';
import { rolesInWords } from '#components/frame/person.ts';
import { callApi } from '#components/live/api.ts';
import { Button } from '#components/ui/Button.tsx';
import { Drawer, DrawerSection } from '#components/ui/Drawer.tsx';
import { Failed } from '#components/ui/Faces.tsx';
import { cx } from '#components/ui/cx.ts';
import { inputClass } from '#components/ui/SearchBox.tsx';
import { Field } from './Field.tsx';
import { useAction } from './use-action.ts';

const DAYS = [7, 30, 90] as const;

/** Makes a token: a name to recognise it by, one role in one scope, and an end. */
export function TokenDrawer({ grants, clusters, onClose, onCreated }: TokenDrawerProps) {
  const [name, setName] = useState('');
  const [role, setRole] = useState<Role>('viewer');
  const [scope, setScope] = useState<string>('*');
  const [days, setDays] = useState<number>(90);
  const [problem, setProblem] = useState<string>();
  const { busy, problem: failure, run } = useAction();

  const create = async (event: FormEvent) => {
    event.preventDefault();
    const grant = GrantSchema.safeParse({ role, scope });
    const input = TokenInput.safeParse({ name: name.trim(), grants: grant.success ? [grant.data] : [], expiresInDays: days });
    setProblem(input.success ? undefined : 'A name of at most 100 characters, to recognise the token by.');
    if (!input.success) return;
    await run(async () => {
      const { body } = await callApi('/api/v1/tokens', TokenCreated, {
        method: 'POST',
        json: input.data,
        headers: { 'idempotency-key': crypto.randomUUID() },
      });
      onCreated(body);
    });
  };

  return (
    <Drawer
      kind="API token"
      title="Create a token"
      onClose={onClose}
      footer={
        <Button look="primary" type="submit" form="token-form" disabled={busy}>
          Create token
        </Button>
      }
    >
      <form id="token-form" onSubmit={(event) => void create(event)} noValidate>
        <DrawerSection>
          <div className="flex flex-col gap-3">
            <Field label="Name" hint="What uses it, for example grafana." problem={problem}>
              <input value={name} onChange={(event) => setName(event.target.value)} className={inputClass} autoComplete="off" />
            </Field>
            <Field label="Role">
              <select
                value={role}
                onChange={(event) => setRole(Role.catch('viewer').parse(event.target.value))}
                className={cx(inputClass, 'pr-8')}
              >
                {ROLES.filter((each) => each !== 'breakglass').map((each) => (
                  <option key={each}>{each}</option>
                ))}
              </select>
            </Field>
            <Field label="Where" hint="A token never does more than whoever made it may do at that moment.">
              <select value={scope} onChange={(event) => setScope(event.target.value)} className={cx(inputClass, 'pr-8')}>
                <option value="*">everywhere</option>
                {ENVIRONMENTS.map((environment) => (
                  <option key={environment} value={environment}>
                    all {environment} clusters
                  </option>
                ))}
                {clusters.map((cluster) => (
                  <option key={cluster.id} value={`cluster:${cluster.id}`}>
                    {cluster.name} only
                  </option>
                ))}
              </select>
            </Field>
            <Field label="Ends">
              <select value={days} onChange={(event) => setDays(Number(event.target.value))} className={cx(inputClass, 'pr-8')}>
                {DAYS.map((each) => (
                  <option key={each} value={each}>
                    in {each} days
                  </option>
                ))}
              </select>
            </Field>
          </div>
        </DrawerSection>
        <DrawerSection title="Your own rights">
          <ul className="text-13 text-ink-2">
            {rolesInWords(grants).map((words) => (
              <li key={words}>{words}</li>
            ))}
          </ul>
        </DrawerSection>
      </form>
      {failure && <Failed problem={failure} />}
    </Drawer>
  );
}
interface TokenDrawerProps {
  grants: readonly Grant[];
  clusters: readonly { readonly id: string; readonly name: string }[];
  onClose: () => void;
  onCreated: (token: TokenCreated) => void;
}
