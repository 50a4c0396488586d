import { verifyChain } from '#lib/audit-log/chain.ts';
import { auditRows, readAuditHead } from '#lib/db/audit-log/read.ts';
import { type ModelFile, type ModelStep, newFile, replay } from './gate-model.ts';
import { sql } from './gates.ts';

interface Step extends ModelStep {
  readonly request: string;
  readonly cluster: string;
  readonly phase: number;
  readonly at: Date;
  readonly evidence_hash: string;
}

/** Replays every step of every request in the database; throws at the first that the model does not allow. Gives the states that were reached. */
export async function verifyGateHistory(): Promise<Set<string>> {
  const steps = await sql<Step>(`
    SELECT t.request_id AS request, r.cluster_id AS cluster, r.phase, t.version, t.from_state, t.to_state, t.command, t.by_subject, t.at,
      r.needed, r.requested_by, r.contributors, r.evidence_hash
    FROM gate_transition t JOIN gate_request r ON r.id = t.request_id ORDER BY r.migration_id, r.number, t.version`);
  const [log] = await sql<{ there: boolean }>(`SELECT to_regclass('evidence_log') IS NOT NULL AS there`);
  const evidence = log?.there ? await sql<EvidenceWritten>('SELECT cluster, phase, hash, at FROM evidence_log ORDER BY at') : [];
  const files = new Map<string, ModelFile>();
  for (const step of steps) {
    const file = files.get(step.request) ?? newFile();
    files.set(step.request, file);
    const problem = replay(file, step) ?? evidenceProblem(step, evidence);
    if (problem)
      throw new Error(
        `step ${step.version} of ${step.request} (${step.from_state} -${step.command}-> ${step.to_state}): ${problem}`,
      );
  }
  await agrees(files);
  return new Set(steps.map(({ to_state }) => to_state));
}

interface EvidenceWritten {
  readonly cluster: string;
  readonly phase: number;
  readonly hash: string;
  readonly at: Date;
}

/** What was requested, approved or passed rested on the evidence of that moment. Times are of a millisecond: both sides of one are possible. */
function evidenceProblem(step: Step, written: readonly EvidenceWritten[]): string | undefined {
  if (!['request', 'approve', 'execute'].includes(step.command)) return undefined;
  const here = written.filter(({ cluster, phase }) => cluster === step.cluster && phase === step.phase);
  if (here.length === 0) return undefined;
  const before = here.filter(({ at }) => at < step.at).at(-1);
  const possible = [before, ...here.filter(({ at }) => at.getTime() === step.at.getTime())];
  return possible.some((each) => each?.hash === step.evidence_hash) ? undefined : 'the evidence of that moment was another';
}

/** The rows say what their steps say; each step is in the audit log, which is whole; nobody decided without a step. */
async function agrees(files: ReadonlyMap<string, { state: string; version: number }>): Promise<void> {
  const rows = await sql<{ id: string; state: string; version: number; audited: number; decisions: number; votes: number }>(`
    SELECT r.id, r.state, r.version,
      (SELECT count(*)::int FROM audit_event a WHERE a.object_id = r.id AND a.action <> 'review.close') AS audited,
      (SELECT count(*)::int FROM gate_decision d WHERE d.request_id = r.id) AS decisions,
      (SELECT count(*)::int FROM gate_transition t WHERE t.request_id = r.id AND t.command IN ('approve', 'reject', 'revoke')) AS votes
    FROM gate_request r`);
  for (const row of rows) {
    const file = files.get(row.id);
    if (file?.state !== row.state || file.version !== row.version)
      throw new Error(`${row.id} is ${row.state}, its steps say ${file?.state}`);
    if (row.audited !== row.version) throw new Error(`${row.id} took ${row.version} steps, the audit log has ${row.audited}`);
    if (row.decisions !== row.votes) throw new Error(`${row.id} has ${row.decisions} decisions and ${row.votes} steps of them`);
  }
  const open = await sql(
    "SELECT cluster_id, phase FROM gate_request WHERE state IN ('requested', 'approving', 'approved', 'executing', 'verifying', 'rolling-back') GROUP BY 1, 2 HAVING count(*) > 1",
  );
  if (open.length > 0) throw new Error('two open requests for one gate');
  const log = [];
  for await (const page of auditRows()) log.push(...page);
  const broken = verifyChain(log, [await readAuditHead()]);
  if (broken.length > 0) throw new Error(`the audit log is broken: ${JSON.stringify(broken)}`);
}
