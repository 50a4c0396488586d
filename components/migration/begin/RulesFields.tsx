'use client';
import type { Environment } from '#lib/api/common.ts';
import { Field } from '#components/settings/Field.tsx';
import { cx } from '#components/ui/cx.ts';
import { inputClass } from '#components/ui/SearchBox.tsx';
import type { RulesForm } from './rules-form.ts';

/** Who must approve in an environment, for how long it counts, and when gates may be passed. */
export function RulesFields({ env, form, onChange }: RulesFieldsProps) {
  if (!form) return null;
  const text = (field: 'approvals' | 'teams' | 'ttlHours' | 'soakHours') => ({
    value: form[field],
    onChange: (event: { target: { value: string } }) => onChange({ ...form, [field]: event.target.value }),
    className: inputClass,
    autoComplete: 'off',
  });
  const tick = (field: 'stepUp' | 'elevation', label: string) => (
    <label className="flex min-h-6 items-center gap-2 text-13">
      <input
        type="checkbox"
        checked={form[field]}
        onChange={(event) => onChange({ ...form, [field]: event.target.checked })}
        className="size-4 accent-accent"
      />
      {label}
    </label>
  );
  return (
    <div className="flex flex-col gap-3">
      <div className="grid grid-cols-3 gap-3">
        <Field label="Approvals">
          <input {...text('approvals')} inputMode="numeric" />
        </Field>
        <Field label="Last, hours">
          <input {...text('ttlHours')} inputMode="decimal" />
        </Field>
        <Field label="Soak, hours" hint={env === 'DEV' ? 'of the phase before' : 'in the environment before'}>
          <input {...text('soakHours')} inputMode="decimal" />
        </Field>
      </div>
      <Field label="Teams that must each approve" hint="As the role map names them, separated by commas; empty: any approvers.">
        <input {...text('teams')} />
      </Field>
      <Field label="Windows, UTC" hint="One a line, e.g. Mon-Fri 09:00-12:00; empty: at any time.">
        <textarea
          value={form.windows}
          onChange={(event) => onChange({ ...form, windows: event.target.value })}
          rows={2}
          className={cx(inputClass, 'h-auto! py-1.5 font-mono text-12')}
        />
      </Field>
      {tick('stepUp', 'Approving needs a fresh sign-in with a second factor')}
      {tick('elevation', 'Requesting and passing need a running elevation')}
    </div>
  );
}
interface RulesFieldsProps {
  env: Environment;
  form: RulesForm | undefined;
  onChange: (form: RulesForm) => void;
}
