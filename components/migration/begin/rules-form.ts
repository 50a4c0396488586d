import { GateRules } from '#lib/api/migration.ts';

/** Rules of an environment's gates as fields of a form: text until it is read. */
export interface RulesForm {
  readonly approvals: string;
  /** Names, separated by commas. */
  readonly teams: string;
  readonly ttlHours: string;
  readonly soakHours: string;
  /** One window a line: `Mon-Fri 09:00-12:00`. */
  readonly windows: string;
  readonly stepUp: boolean;
  readonly elevation: boolean;
}

const DAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'] as const;

export function formOfRules(rules: GateRules): RulesForm {
  return {
    approvals: String(rules.approvals),
    teams: rules.teams.join(', '),
    ttlHours: String(rules.ttlMinutes / 60),
    soakHours: String(rules.soakMinutes / 60),
    windows: rules.windows.map(({ days, from, to }) => `${daysText(days)} ${from}-${to}`).join('\n'),
    stepUp: rules.stepUp,
    elevation: rules.elevation,
  };
}

export type ReadRules = { readonly ok: true; readonly rules: GateRules } | { readonly ok: false; readonly problem: string };

/** The rules a form says, or what is wrong with it, in words. */
export function rulesOfForm(form: RulesForm): ReadRules {
  const windows: GateRules['windows'] = [];
  for (const line of form.windows.split('\n').map((text) => text.trim())) {
    if (line === '') continue;
    const window = windowOf(line);
    if (!window) return { ok: false, problem: `“${line}” is no window; write for example Mon-Fri 09:00-12:00` };
    windows.push(window);
  }
  const numbers = {
    approvals: Number(form.approvals),
    ttlMinutes: minutesOf(form.ttlHours),
    soakMinutes: minutesOf(form.soakHours),
  };
  const teams = form.teams
    .split(',')
    .map((team) => team.trim())
    .filter(Boolean);
  const parsed = GateRules.safeParse({ ...numbers, teams, windows, stepUp: form.stepUp, elevation: form.elevation });
  if (parsed.success) return { ok: true, rules: parsed.data };
  const field = parsed.error.issues[0]?.path[0];
  return { ok: false, problem: PROBLEMS[String(field)] ?? 'these rules cannot be used' };
}

/** Minutes of hours as text; a third of an hour is 20 of them. */
const minutesOf = (hours: string) => (hours.trim() === '' ? Number.NaN : Math.round(Number(hours) * 60));

const PROBLEMS: Readonly<Record<string, string | undefined>> = {
  approvals: 'approvals are a whole number from 1 to 6',
  teams: 'name at most 6 teams, separated by commas',
  ttlMinutes: 'approvals last from 5 minutes to 7 days',
  soakMinutes: 'the soak time is at most 30 days',
  windows: 'at most 20 windows',
};

function windowOf(line: string): GateRules['windows'][number] | undefined {
  const match = /^([A-Za-z,\s-]+?)\s+(\d{2}:\d{2})\s*[-–]\s*(\d{2}:\d{2})$/.exec(line);
  const [, names = '', from = '', to = ''] = match ?? [];
  const days = names.split(',').flatMap((part) => daysOf(part.trim()) ?? [Number.NaN]);
  const parsed = GateRules.shape.windows.element.safeParse({ days: [...new Set(days)].toSorted((a, b) => a - b), from, to });
  return match && parsed.success ? parsed.data : undefined;
}

/** `Mon` is [1], `Fri-Sun` is [5, 6, 7]. */
function daysOf(text: string): number[] | undefined {
  const [first, last = first, more] = text.split('-').map((name) => numberOfDay(name.trim()));
  if (first === undefined || last === undefined || more !== undefined || last < first) return undefined;
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}

function numberOfDay(name: string): number | undefined {
  const index = DAYS.findIndex((day) => day.toLowerCase() === name.slice(0, 3).toLowerCase());
  return index < 0 ? undefined : index + 1;
}

/** `Mon-Fri` of neighbours, `Mon, Wed` of others. */
export function daysText(days: readonly number[]): string {
  const sorted = [...new Set(days)].toSorted((a, b) => a - b);
  const runs: [number, number][] = [];
  for (const day of sorted) {
    const run = runs.at(-1);
    if (run && run[1] === day - 1) run[1] = day;
    else runs.push([day, day]);
  }
  const name = (day: number) => DAYS[day - 1] ?? '?';
  return runs.map(([first, last]) => (first === last ? name(first) : `${name(first)}-${name(last)}`)).join(', ');
}
