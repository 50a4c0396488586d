import { PHASES } from '#lib/migration/model.ts';
import { Segmented } from '#components/ui/Segmented.tsx';

/** Chooses one phase, or all of them (null). */
export function PhaseFilter({ phase, onChange }: { phase: number | null; onChange: (phase: number | null) => void }) {
  return (
    <Segmented
      label="Phase"
      value={phase === null ? 'all' : String(phase)}
      onChange={(next) => onChange(next === 'all' ? null : Number(next))}
      className="max-w-full overflow-x-auto"
      options={[
        { value: 'all', label: 'All phases' },
        ...PHASES.map((each) => ({ value: String(each), label: `Phase ${each}` })),
      ]}
    />
  );
}
