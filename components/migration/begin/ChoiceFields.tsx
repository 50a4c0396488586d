'use client';
import { METHODS, type PlanChoices, ROUTES } from '#lib/migration/model.ts';
import { METHOD_WORDS, ROUTE_WORDS } from './begin-form.ts';

/** The two places where the plan offers more than one way. */
export function ChoiceFields({ choices, onChange }: { choices: PlanChoices; onChange: (choices: PlanChoices) => void }) {
  return (
    <>
      <fieldset className="flex flex-col gap-1.5">
        <legend className="mb-1 text-12 font-label text-ink-2">How phase 3 secures traffic</legend>
        {METHODS.map((method) => (
          <Choice
            key={method}
            group="method"
            {...METHOD_WORDS[method]}
            checked={choices.method === method}
            onChoose={() => onChange({ ...choices, method })}
          />
        ))}
      </fieldset>
      <fieldset className="flex flex-col gap-1.5">
        <legend className="mb-1 text-12 font-label text-ink-2">How phase 4 replaces the VPC CNI</legend>
        {ROUTES.map((route) => (
          <Choice
            key={route}
            group="route"
            {...ROUTE_WORDS[route]}
            checked={choices.route === route}
            onChoose={() => onChange({ ...choices, route })}
          />
        ))}
      </fieldset>
    </>
  );
}

function Choice({ group, name, note, checked, onChoose }: ChoiceProps) {
  return (
    <label className="flex min-h-6 items-start gap-2 text-13">
      <input type="radio" name={group} checked={checked} onChange={onChoose} className="mt-0.5 size-4 shrink-0 accent-accent" />
      <span>
        {name}
        <span className="block text-12 text-ink-3">{note}</span>
      </span>
    </label>
  );
}
interface ChoiceProps {
  group: string;
  name: string;
  note: string;
  checked: boolean;
  onChoose: () => void;
}
