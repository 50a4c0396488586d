import type { AuditFinding, AuditReport } from '#lib/api/what-if.ts';
import { visibleText } from '#lib/flow/text.ts';
import { percent } from '#components/ui/format.ts';

/** What the audit shows of its report. Pure. */

export type AuditGroup = AuditReport['groups'][number];

/** How far what was seen is what the policies say, and of how much that is known at all. */
export interface Agreement {
  /** Tuples that could be judged. */
  readonly judged: number;
  readonly judgedFlows: number;
  /** All tuples of the window. */
  readonly tuples: number;
  /** `99.2 %` of the judged; undefined where nothing could be judged. */
  readonly share: string | undefined;
}

export function agreementOf({ agree, disagree, notJudgeable }: AuditReport): Agreement {
  const judged = agree.tuples + disagree.tuples;
  return {
    judged,
    judgedFlows: agree.flows + disagree.flows,
    tuples: judged + notJudgeable.tuples,
    share: percent(agree.tuples, judged),
  };
}

/** Groups with the findings that hold all words of `find`; those without any are left out. */
export function findGroups(groups: readonly AuditGroup[], find: string): AuditGroup[] {
  const words = find.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return groups.filter(({ findings }) => findings.length > 0);
  return groups
    .map((group) => ({
      ...group,
      findings: group.findings.filter((finding) => {
        const { source, destination, protocol, port, l7, policies, title } = finding;
        const text = [group.title, title, source, destination, `${protocol}/${port}`, l7, ...policies].join(' ').toLowerCase();
        return words.every((word) => text.includes(word));
      }),
    }))
    .filter(({ findings }) => findings.length > 0);
}

export const findingById = (report: AuditReport, id: string | null): { group: AuditGroup; finding: AuditFinding } | undefined => {
  for (const group of report.groups) {
    const finding = group.findings.find((candidate) => candidate.id === id);
    if (finding) return { group, finding };
  }
  return undefined;
};

/** `TCP/9090`, `ICMPv4`, or nothing where a finding is about no connection. */
export const portText = ({ protocol, port }: Pick<AuditFinding, 'protocol' | 'port'>): string =>
  protocol === undefined ? '' : port === undefined || port === 0 ? protocol : `${protocol}/${port}`;

/** What tells a finding from the others of its kind beside its ends: its request, or what its title adds to that of the kind. */
export function whatOf(group: Pick<AuditGroup, 'title'>, { l7, title }: Pick<AuditFinding, 'l7' | 'title'>): string {
  if (l7) return l7;
  if (title === group.title) return '';
  return title.startsWith(`${group.title}: `) ? title.slice(group.title.length + 2) : title;
}

/** An end as filters, questions and the map name it: a pod of no workload is told by its identity alone. */
export const endName = (end: string): string => end.replace(/^[^/]+\/(identity:\d+)$/, '$1');

/** The findings as Markdown, for a ticket: each with its evidence and the first thing to look at. */
export function auditMarkdown(report: AuditReport, cluster: string, link: string): string {
  const { judged, tuples, share } = agreementOf(report);
  const lines = [
    `# Audit of ${cell(cluster)}`,
    '',
    `${new Date(report.from).toISOString()} to ${new Date(report.to).toISOString()}, set ${report.set.hash.slice(0, 12)} with ${report.set.policies} policies.`,
    `${share ?? 'None'} of ${judged} judged tuples agree; ${report.notJudgeable.tuples} of ${tuples} could not be judged.`,
    link,
  ];
  for (const group of report.groups) {
    if (group.findings.length === 0) continue;
    lines.push('', `## ${cell(group.title)}`, '', cell(group.explanation), '');
    lines.push(
      '| source | destination | port | what | flows | last seen | policies | look at |',
      '|---|---|---|---|---|---|---|---|',
    );
    for (const finding of group.findings) {
      const { source, destination, flows, lastSeen, policies, look } = finding;
      const seen = new Date(lastSeen).toISOString();
      const cells = [
        source,
        destination,
        portText(finding),
        whatOf(group, finding),
        String(flows),
        seen,
        policies.join(', '),
        look,
      ];
      lines.push(`| ${cells.map(cell).join(' | ')} |`);
    }
  }
  return `${lines.join('\n')}\n`;
}

/** Text of workloads as it may stand in a Markdown table: one line, no markup of its own. */
const cell = (text: string): string =>
  visibleText(text)
    .replace(/\s+/g, ' ')
    .replace(/[\\|`*_[\]<>#]/g, (mark) => `\\${mark}`);
