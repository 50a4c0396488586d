import { changeOf, exact, humanised, percent } from './format.ts';
import { cx } from './cx.ts';

/** What stands where a number is not known: a dash with the reason on hover and for screen readers. Never 0. */
export function Unknown({ why, className }: { why: string; className?: string | undefined }) {
  return (
    <span className={cx('text-ink-3', className)} title={why}>
      <span aria-hidden="true">–</span>
      <span className="sr-only">unknown: {why}</span>
    </span>
  );
}

/** A number, humanised where large and exact on hover; `undefined` is unknown and says `why`. */
export function Num({ value, unit, why = 'not measured', full = false, className }: NumProps) {
  if (value === undefined || !Number.isFinite(value)) return <Unknown why={why} className={className} />;
  const text = full ? exact(value) : humanised(value);
  const title = `${exact(value)}${unit === undefined ? '' : ` ${unit}`}`;
  return (
    <span className={className} title={text === exact(value) && unit === undefined ? undefined : title}>
      {text}
      {unit !== undefined && <span className="text-ink-3"> {unit}</span>}
    </span>
  );
}
interface NumProps {
  value: number | undefined;
  unit?: string;
  /** Why it is unknown, when it is. */
  why?: string;
  /** All digits, for tables that people compare with another tool. */
  full?: boolean;
  className?: string;
}

/** A share with its denominator on hover; of nothing it is unknown. */
export function Percent({ part, of, threshold, why = 'nothing to measure in this time', className }: PercentProps) {
  const text = percent(part, of, threshold);
  if (text === undefined) return <Unknown why={why} className={className} />;
  return (
    <span className={className} title={`${exact(part)} of ${exact(of)}`}>
      {text}
    </span>
  );
}
interface PercentProps {
  part: number;
  of: number;
  threshold?: number;
  why?: string;
  className?: string;
}

/** A change against the window before. More is alarming only where `bad` says so. */
export function Delta({ now, before, comparable, bad = 'up', against = 'the window before', className }: DeltaProps) {
  const change = changeOf(now, before, comparable);
  if (!change) return <Unknown why={`no data for ${against}`} className={className} />;
  const alarming = change.tone === 'new' ? bad === 'up' : change.tone === bad && Math.abs(now - before) / before >= 0.25;
  return (
    <span
      className={cx('whitespace-nowrap', alarming ? 'text-drop-text' : 'text-ink-3', className)}
      title={`${exact(now)} against ${exact(before)} in ${against}`}
    >
      {change.text}
    </span>
  );
}
interface DeltaProps {
  now: number;
  before: number;
  /** Whether there is data for the time compared with. */
  comparable: boolean;
  bad?: 'up' | 'down' | 'none';
  against?: string;
  className?: string;
}
