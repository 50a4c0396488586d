import { ENVIRONMENTS, type Environment } from '#lib/api/common.ts';
import type { Migration, PhaseCell, PhaseNumber } from '#lib/api/migration.ts';

/** A cell of the matrix by its place. */
export interface CellPlace {
  readonly phase: PhaseNumber;
  readonly env: Environment;
}

type Column = Migration['environments'][number];

/** The columns in the order of promotion. */
export const columnsOf = ({ environments }: Pick<Migration, 'environments'>): readonly Column[] =>
  ENVIRONMENTS.flatMap((env) => environments.find(({ environment }) => environment === env) ?? []);

export const cellAt = ({ phases }: Pick<Migration, 'phases'>, { phase, env }: CellPlace): PhaseCell | undefined =>
  phases.find((row) => row.phase === phase)?.cells.find(({ environment }) => environment === env);

/** The phase a cluster is in: the first that it has not completed, else the last. */
export function currentPhase({ phases }: Pick<Migration, 'phases'>, env: Environment): PhaseNumber {
  const open = phases.find((row) => row.cells.some(({ environment, state }) => environment === env && state !== 'completed'));
  return (open ?? phases.at(-1))?.phase ?? 0;
}

/** The environment of a cluster in its migration. */
export const environmentOf = ({ environments }: Pick<Migration, 'environments'>, cluster: string): Environment | undefined =>
  environments.find((column) => column.cluster?.id === cluster)?.environment;

const STEPS: Readonly<Record<string, readonly [rows: number, columns: number]>> = {
  ArrowUp: [-1, 0],
  ArrowDown: [1, 0],
  ArrowLeft: [0, -1],
  ArrowRight: [0, 1],
};

/** Where a key leads from a cell; undefined when it is none of the matrix. Home and End go along a row, with Ctrl to the corners. */
export function movedCell(
  at: CellPlace,
  key: string,
  phases: readonly PhaseNumber[],
  envs: readonly Environment[],
  corner: boolean,
): CellPlace | undefined {
  const row = Math.max(0, phases.indexOf(at.phase));
  const column = Math.max(0, envs.indexOf(at.env));
  const place = (toRow: number, toColumn: number): CellPlace | undefined => {
    const phase = phases[Math.max(0, Math.min(phases.length - 1, toRow))];
    const env = envs[Math.max(0, Math.min(envs.length - 1, toColumn))];
    return phase === undefined || env === undefined ? undefined : { phase, env };
  };
  if (key === 'Home') return place(corner ? 0 : row, 0);
  if (key === 'End') return place(corner ? phases.length - 1 : row, envs.length - 1);
  const step = Object.hasOwn(STEPS, key) ? STEPS[key] : undefined;
  return step && place(row + step[0], column + step[1]);
}
