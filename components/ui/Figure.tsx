import type { ReactNode } from 'react';
import { Skeleton } from './Skeleton.tsx';

/** A figure with its unit and what it is measured against; `FigureRow` holds them. */
export function Figure({ name, value, unit, note, chart }: FigureProps) {
  return (
    <div className="-mt-px -ml-px flex min-h-24 min-w-0 flex-col justify-center border-t border-l border-line px-4 py-3">
      <h2 className="flex items-center gap-1.5 text-12 font-label text-ink-2 md:text-13">{name}</h2>
      <div className="flex items-end justify-between gap-3">
        <div className="min-w-0">
          <p className="whitespace-nowrap text-ink-3">
            <span className="text-20 font-title text-ink">{value}</span> {unit}
          </p>
          <p className="text-12 text-ink-3">{note}</p>
        </div>
        <div className="hidden shrink-0 pb-1 md:block lg:hidden xl:block">{chart}</div>
      </div>
    </div>
  );
}
interface FigureProps {
  name: ReactNode;
  value: ReactNode;
  unit: ReactNode;
  note: ReactNode;
  chart?: ReactNode;
}

/** Two figures a row on phones, four where there is room. */
export const FigureRow = ({ label, children }: { label: string; children: ReactNode }) => (
  <section
    aria-label={label}
    className="grid grid-cols-2 overflow-hidden rounded-md border border-line bg-surface lg:grid-cols-4"
  >
    {children}
  </section>
);

/** Figures that are on their way. */
export const FigureRowSkeleton = () => (
  <div aria-hidden="true" className="grid grid-cols-2 overflow-hidden rounded-md border border-line bg-surface lg:grid-cols-4">
    {Array.from({ length: 4 }, (_, index) => (
      <div key={index} className="-mt-px -ml-px flex h-24 flex-col justify-center gap-2.5 border-t border-l border-line px-4">
        <Skeleton className="w-24" />
        <Skeleton className="h-5 w-16" />
        <Skeleton className="w-36" />
      </div>
    ))}
  </div>
);
