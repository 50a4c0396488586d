import { auditToJson } from '#lib/audit/audit-json.ts';
import { auditToText } from '#lib/audit/audit-text.ts';
import { Auditor } from '#lib/audit/audit.ts';
import { FINDING_KINDS } from '#lib/audit/finding-kinds.ts';
import { CausewayError } from '#lib/errors/errors.ts';
import { compilePolicies } from '#lib/policy/compile.ts';
import { decide } from '#lib/policy/decide.ts';
import { type FlowFileTally, readCluster, readFlows } from './cluster-files.ts';

export interface AuditOptions {
  readonly flows: string;
  readonly objects: string;
  readonly json?: boolean;
  /** Kinds of findings, separated by commas. */
  readonly failOn?: string;
}

type Say = (line: string) => void;

/**
 * `causeway audit`: a recording against the objects of its cluster, as the JSON form of an audit or as a report for people. Gives the exit status: 1
 * where a kind of `failOn` was found, 2 where the input cannot be read.
 */
export async function auditFiles(options: AuditOptions, say: Say, complain: Say): Promise<0 | 1 | 2> {
  try {
    return await auditTo(options, say);
  } catch (error) {
    if (!(error instanceof CausewayError)) throw error;
    complain(`causeway: ${error.message}`);
    return 2;
  }
}

async function auditTo(options: AuditOptions, say: Say): Promise<0 | 1> {
  const failOn = kindsOf(options.failOn);
  const facts = await readCluster(options.objects);
  const auditor = new Auditor(facts);
  const tally: FlowFileTally = { lines: 0, unreadable: 0, firstUnreadable: '' };
  for await (const { flow, time } of readFlows(options.flows, tally)) auditor.add(flow, time);
  if (tally.lines === tally.unreadable)
    throw new CausewayError(
      'bad-input',
      `${options.flows} holds no flow${tally.firstUnreadable && `; ${tally.firstUnreadable}`}`,
    );
  const compiled = compilePolicies(auditor.world(), facts.policies);
  const audit = auditor.audit((question) => decide(compiled, question));
  if (options.json) say(JSON.stringify(auditToJson(audit, tally)));
  else for (const line of reportOf(options, facts.policies.length, tally)) say(line);
  if (!options.json) for (const line of auditToText(audit)) say(line);
  return audit.findings.some(({ kind }) => failOn.has(kind)) ? 1 : 0;
}

const reportOf = (options: AuditOptions, policies: number, { unreadable, firstUnreadable }: FlowFileTally): string[] => [
  `${options.flows} against the ${policies} policies of ${options.objects}`,
  ...(unreadable > 0 ? [`${unreadable} lines could not be read; the first: ${firstUnreadable}`] : []),
];

function kindsOf(text = ''): ReadonlySet<string> {
  const kinds = text
    .split(',')
    .map((kind) => kind.trim())
    .filter(Boolean);
  const known: readonly string[] = FINDING_KINDS;
  const unknown = kinds.find((kind) => !known.includes(kind));
  if (unknown !== undefined)
    throw new CausewayError('bad-input', `${unknown} is no kind of finding; there are ${FINDING_KINDS.join(', ')}`);
  return new Set(kinds);
}
