import 'server-only';
import { LEVELS, type Level } from '#lib/migration/plan/model.ts';
import { withDatabase } from '../client.ts';
import type { Prisma } from '../generated/client.ts';

/** What people say of a risk; what is undefined is left to the plan and its checks. */
export interface RiskRow {
  readonly risk: string;
  readonly owner: string | undefined;
  readonly likelihood: Level | undefined;
  readonly impact: Level | undefined;
  readonly state: 'watched' | 'closed' | undefined;
  readonly note: string;
  readonly by: { readonly subject: string; readonly name: string };
  /** Unix milliseconds. */
  readonly at: number;
  readonly version: number;
}

export const readRisks = (migration: string): Promise<RiskRow[]> =>
  withDatabase(async (db) =>
    (await db.riskState.findMany({ where: { migrationId: migration } })).map((row) => ({
      risk: row.riskId,
      owner: row.owner ?? undefined,
      likelihood: levelOf(row.likelihood),
      impact: levelOf(row.impact),
      state: row.state === 'watched' || row.state === 'closed' ? row.state : undefined,
      note: row.note,
      by: { subject: row.bySubject, name: row.byName },
      at: row.at.getTime(),
      version: row.version,
    })),
  );

export type NewRisk = Omit<RiskRow, 'at'>;

/** Writes a risk unless somebody else was faster: false then. `version` is that of what the person saw, 0 when there was nothing. */
export async function writeRisk(tx: Prisma.TransactionClient, migration: string, risk: NewRisk): Promise<boolean> {
  const { owner, likelihood, impact, state, note, by, version } = risk;
  const data = {
    owner: owner ?? null,
    likelihood: likelihood ?? null,
    impact: impact ?? null,
    state: state ?? null,
    note,
    bySubject: by.subject,
    byName: by.name,
  };
  const { count } =
    version === 0
      ? await tx.riskState.createMany({ data: [{ ...data, migrationId: migration, riskId: risk.risk }], skipDuplicates: true })
      : await tx.riskState.updateMany({
          where: { migrationId: migration, riskId: risk.risk, version },
          data: { ...data, at: new Date(), version: { increment: 1 } },
        });
  return count === 1;
}

const levelOf = (text: string | null): Level | undefined => LEVELS.find((level) => level === text);
