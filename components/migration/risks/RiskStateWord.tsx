import { Eye } from 'lucide-react';
import { Mark } from '#components/ui/Mark.tsx';
import type { RiskState } from './risks-view.ts';

/** Mark and word of a risk's state. */
export const RiskStateWord = ({ state }: { state: RiskState }) => (
  <span className="inline-flex items-center gap-1.5 whitespace-nowrap">
    <RiskStateMark state={state} />
    {state}
  </span>
);

export function RiskStateMark({ state }: { state: RiskState }) {
  switch (state) {
    case 'happened':
      return <Mark name="fail" />;
    case 'open':
      return <Mark name="trace" />;
    case 'watched':
      return <Eye size={12} aria-hidden="true" className="shrink-0 text-ink-2" />;
    case 'closed':
      return <Mark name="pass" />;
  }
}
