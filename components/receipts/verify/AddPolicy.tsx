'use client';
import { visibleText } from '#lib/flow/text.ts';
import { Mark } from '#components/ui/Mark.tsx';
import { FileButton } from './FileButton.tsx';
import type { ChosenPolicies } from './use-policies.ts';

/** Takes the text of a policy, to compare its hash with the one that the receipt names. */
export const AddPolicy = ({ policies }: { policies: ChosenPolicies }) => (
  <FileButton label="Policy files to compare" accept=".yaml,.yml,.json" multiple onFiles={(files) => void policies.add(files)}>
    {policies.hashes === undefined ? 'Add policy' : 'Other policy'}
  </FileButton>
);

/** What of the policies given could not be read. */
export function PolicyProblems({ policies: { problems } }: { policies: ChosenPolicies }) {
  if (problems.length === 0) return null;
  return (
    <ul role="alert" aria-label="Policies that cannot be read" className="flex flex-col gap-1 text-12">
      {problems.slice(0, 5).map((problem) => (
        <li key={problem} className="flex gap-2">
          <Mark name="error" className="mt-0.5" />
          <span className="min-w-0 wrap-anywhere">{visibleText(problem)}</span>
        </li>
      ))}
    </ul>
  );
}
