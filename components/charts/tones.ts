/** Colour roles of what a series says. `trace` is for what carries no verdict. */
export type ChartTone = 'fwd' | 'drop' | 'audit' | 'redir' | 'error' | 'trace';

export const STROKE: Record<ChartTone, string> = {
  fwd: 'stroke-fwd-fill',
  drop: 'stroke-drop-fill',
  audit: 'stroke-audit-fill',
  redir: 'stroke-redir-fill',
  error: 'stroke-error-fill',
  trace: 'stroke-trace-fill',
};
export const FILL: Record<ChartTone, string> = {
  fwd: 'fill-fwd-fill',
  drop: 'fill-drop-fill',
  audit: 'fill-audit-fill',
  redir: 'fill-redir-fill',
  error: 'fill-error-fill',
  trace: 'fill-trace-fill',
};
export const BACKGROUND: Record<ChartTone, string> = {
  fwd: 'bg-fwd-fill',
  drop: 'bg-drop-fill',
  audit: 'bg-audit-fill',
  redir: 'bg-redir-fill',
  error: 'bg-error-fill',
  trace: 'bg-trace-fill',
};
