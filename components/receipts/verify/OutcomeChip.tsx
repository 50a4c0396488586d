import { Chip } from '#components/ui/Chip.tsx';
import { Mark } from '#components/ui/Mark.tsx';
import type { Outcome } from './outcome.ts';

/** The outcome of a verification in a word or two, and where it was found. */
export const OutcomeChip = ({ outcome: { tone, mark, short } }: { outcome: Outcome }) => (
  <Chip tone={tone}>
    <Mark name={mark} />
    <span className="truncate">{short} here</span>
  </Chip>
);
