import type { Phase } from '#lib/migration/model.ts';
import { Chip } from '#components/ui/Chip.tsx';

/** Before which gates a check stands, and where a person may take it on with a reason. */
export function PhaseChips({ gates, acknowledge }: { gates: readonly Phase[]; acknowledge: readonly Phase[] }) {
  if (gates.length === 0 && acknowledge.length === 0) return <span className="text-12 text-ink-3">before no gate</span>;
  return (
    <>
      {gates.length > 0 && (
        <Chip title="The gate stays shut while it does not pass">
          {phases(gates)} <span className="font-body text-ink-3">must</span>
        </Chip>
      )}
      {acknowledge.length > 0 && (
        <Chip title="A person may take it on with a reason">
          {phases(acknowledge)} <span className="font-body text-ink-3">acknowledge</span>
        </Chip>
      )}
    </>
  );
}

const phases = (list: readonly Phase[]): string => `${list.length === 1 ? 'phase' : 'phases'} ${list.join(', ')}`;
