'use client';
import Link from 'next/link';
import { type FormEvent, useState } from 'react';
import { RiskEdit, RiskEntry } from '#lib/api/migration.ts';
import { visibleText } from '#lib/flow/text.ts';
import { LEVELS, type Level } from '#lib/migration/plan/model.ts';
import { callApi } from '#components/live/api.ts';
import { useConsole } from '#components/live/use-console.ts';
import { CheckWord } from '#components/migration/preflight/CheckWord.tsx';
import { Field } from '#components/settings/Field.tsx';
import { useAction } from '#components/settings/use-action.ts';
import { Button } from '#components/ui/Button.tsx';
import { cx } from '#components/ui/cx.ts';
import { Drawer, DrawerSection } from '#components/ui/Drawer.tsx';
import { Failed } from '#components/ui/Faces.tsx';
import { inputClass } from '#components/ui/SearchBox.tsx';
import { Time } from '#components/ui/Time.tsx';
import { LevelWord } from './LevelWord.tsx';
import { RiskStateWord } from './RiskStateWord.tsx';

/** One risk: what it is, what moves it, and what people have said of it; those who may change that here. */
export function RiskDrawer({ risk, mayEdit, onClose, onSaved }: RiskDrawerProps) {
  const { api, hrefOf } = useConsole();
  const [input, setInput] = useState(() => inputOf(risk));
  const { busy, problem, run } = useAction();
  const set = (change: Partial<Input>) => setInput((current) => ({ ...current, ...change }));
  const save = async (event: FormEvent) => {
    event.preventDefault();
    await run(async () => {
      const json = RiskEdit.parse({ ...input, owner: input.owner.trim() === '' ? null : input.owner, version: risk.version });
      await callApi(`${api}/migration/risks/${encodeURIComponent(risk.id)}`, RiskEntry, { method: 'PUT', json });
      onSaved();
    });
  };
  return (
    <Drawer
      kind="Risk"
      title={risk.title}
      chips={
        <>
          <RiskStateWord state={risk.state} />
          <span>
            {risk.phases.length === 1 ? 'phase' : 'phases'} {risk.phases.join(', ')}
          </span>
        </>
      }
      onClose={onClose}
      footer={
        mayEdit && (
          <Button look="primary" type="submit" form="risk-form" disabled={busy}>
            Save
          </Button>
        )
      }
    >
      <DrawerSection title="What is done about it">
        <p className="text-13 text-ink-2">{risk.mitigation}</p>
      </DrawerSection>
      <DrawerSection title="What moves it" aside={risk.stateReason === '' ? undefined : visibleText(risk.stateReason)}>
        {risk.checks.length === 0 ? (
          <p className="text-13 text-ink-3">No check: its state is what a person says.</p>
        ) : (
          <ul className="flex flex-col gap-1.5 text-13">
            {risk.checks.map(({ id, phase, title, status }) => (
              <li key={`${phase} ${id}`} className="flex items-baseline justify-between gap-3">
                <Link
                  href={hrefOf('migration', { phase: String(phase), check: id })}
                  className="ring-focus rounded-sm text-accent-text wrap-anywhere hover:underline"
                >
                  {title}
                  <span className="text-12 text-ink-3"> phase {phase}</span>
                </Link>
                <CheckWord status={status} />
              </li>
            ))}
          </ul>
        )}
      </DrawerSection>
      {mayEdit ? (
        <form id="risk-form" onSubmit={(event) => void save(event)} noValidate>
          <DrawerSection title="What people say">
            <div className="flex flex-col gap-3">
              <Field label="Owner" hint="Who looks after it: a person or a team.">
                <input
                  value={input.owner}
                  maxLength={100}
                  onChange={(event) => set({ owner: event.target.value })}
                  className={inputClass}
                  autoComplete="off"
                />
              </Field>
              <div className="grid grid-cols-2 gap-3">
                <LevelField label="Likelihood" value={input.likelihood} onChange={(likelihood) => set({ likelihood })} />
                <LevelField label="Impact" value={input.impact} onChange={(impact) => set({ impact })} />
              </div>
              <Field label="State" hint="A check that fails says “happened” whatever stands here.">
                <select
                  value={input.state ?? ''}
                  onChange={(event) => set({ state: RiskEdit.shape.state.catch(null).parse(event.target.value) })}
                  className={cx(inputClass, 'pr-8')}
                >
                  <option value="">as its checks say</option>
                  <option value="watched">watched</option>
                  <option value="closed">closed</option>
                </select>
              </Field>
              <Field label="Note">
                <textarea
                  value={input.note}
                  maxLength={2000}
                  rows={4}
                  onChange={(event) => set({ note: event.target.value })}
                  className={cx(inputClass, 'h-auto! py-1.5')}
                />
              </Field>
            </div>
          </DrawerSection>
        </form>
      ) : (
        <DrawerSection title="What people say">
          <dl className="grid grid-cols-[max-content_minmax(0,1fr)] gap-x-4 gap-y-1.5 text-13">
            <dt className="text-ink-3">Owner</dt>
            <dd>{risk.owner === '' ? 'nobody' : visibleText(risk.owner)}</dd>
            <dt className="text-ink-3">Likelihood</dt>
            <dd>
              <LevelWord level={risk.likelihood} />
            </dd>
            <dt className="text-ink-3">Impact</dt>
            <dd>
              <LevelWord level={risk.impact} />
            </dd>
            <dt className="text-ink-3">Note</dt>
            <dd className="whitespace-pre-wrap wrap-anywhere">{risk.note === '' ? 'none' : visibleNote(risk.note)}</dd>
          </dl>
        </DrawerSection>
      )}
      {problem && <Failed problem={problem} {...(problem.status === 409 && { onRetry: onSaved })} />}
      {risk.changedBy && (
        <p className="px-4 py-3 text-12 text-ink-3">
          Changed <Time at={risk.changedAt} /> by {visibleText(risk.changedBy.name)}
        </p>
      )}
    </Drawer>
  );
}
interface RiskDrawerProps {
  risk: RiskEntry;
  mayEdit: boolean;
  onClose: () => void;
  /** Something was saved, here or by someone faster: read it again. */
  onSaved: () => void;
}

type Input = Omit<RiskEdit, 'version' | 'owner'> & { owner: string };

/** What nobody said stays with the plan and its checks. */
const inputOf = (risk: RiskEntry): Input => ({
  owner: risk.owner,
  likelihood: risk.said.likelihood ?? null,
  impact: risk.said.impact ?? null,
  state: risk.said.state ?? null,
  note: risk.note,
});

function LevelField({ label, value, onChange }: { label: string; value: Level | null; onChange: (level: Level | null) => void }) {
  return (
    <Field label={label}>
      <select
        value={value ?? ''}
        onChange={(event) => onChange(LEVELS.find((level) => level === event.target.value) ?? null)}
        className={cx(inputClass, 'pr-8')}
      >
        <option value="">as in the plan</option>
        {LEVELS.map((level) => (
          <option key={level}>{level}</option>
        ))}
      </select>
    </Field>
  );
}

/** Line breaks of a note stay; everything else that cannot be seen is made visible. */
const visibleNote = (note: string): string => note.split('\n').map(visibleText).join('\n');
