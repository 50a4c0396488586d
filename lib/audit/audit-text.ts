import { visibleText } from '#lib/flow/text.ts';
import type { JudgedTuple } from './agreement.ts';
import type { Audit } from './audit.ts';
import { FINDING_KINDS, FINDING_WORDS } from './finding-kinds.ts';
import type { Finding } from './finding.ts';
import type { AuditEnd, AuditRequest } from './tuple.ts';

/** Findings of a kind that are written out; a report for people ends somewhere. */
const MOST_LISTED = 20;
const WIDTH = 110;

/** An audit as lines for a terminal: what agrees, then the findings by kind, worst first, each with the first thing to look at. */
export function auditToText({ flows, tuples, findings, leftOut }: Audit): string[] {
  const share = (agree: JudgedTuple['agree']): string => {
    const some = tuples.filter((tuple) => tuple.agree === agree);
    return `${number(some.length)} (${number(some.reduce((sum, { count }) => sum + count, 0))} flows)`;
  };
  return [
    `${number(flows)} flows, ${number(tuples.length)} kinds of traffic`,
    `  as policy says   ${share(true)}`,
    `  not              ${share(false)}`,
    `  not judgeable    ${share('not judgeable')}`,
    ...reasonsOf(tuples).map(([reason, count]) => `    ${number(count)} x ${reason}`),
    `  left out: ${number(leftOut.reply)} replies, ${number(leftOut['no-request'])} events that open nothing or do not know which way they go`,
    ...(leftOut['too-many'] > 0
      ? [`  left out: ${number(leftOut['too-many'])} flows, because there are too many kinds of traffic`]
      : []),
    '',
    ...FINDING_KINDS.flatMap((kind) => {
      const found = findings.filter((finding) => finding.kind === kind);
      return found.length > 0 ? [...groupLines(found), ''] : [];
    }),
    findings.length === 0 ? 'Nothing was found.' : `${number(findings.length)} findings.`,
  ];
}

function groupLines(findings: readonly Finding[]): string[] {
  const [{ kind }] = findings as [Finding, ...Finding[]]; // its caller has looked that there is one
  const { title, severity, explanation, look } = FINDING_WORDS[kind];
  const more = findings.length - MOST_LISTED;
  return [
    `${severity.toUpperCase()}  ${title} (${kind}, ${number(findings.length)})`,
    ...wrapped(explanation, '  '),
    ...findings.slice(0, MOST_LISTED).flatMap((finding) => findingLines(finding)),
    ...(more > 0 ? [`  and ${number(more)} more`] : []),
    ...wrapped(`Look first: ${look}`, '  '),
  ];
}

function findingLines(finding: Finding): string[] {
  const { source, destination, protocol, port, flows, nodes = [], l7 } = finding;
  const target = protocol ? ` ${protocol}${port === null || port === undefined ? '' : `/${port}`}` : '';
  const ends = destination ? `${endText(source)} > ${endText(destination)}` : endText(source);
  const at = nodes.length > 0 ? ` on ${nodes.join(', ')}` : '';
  return [`  - ${ends}${target}${l7 ? ` ${requestText(l7)}` : ''}: ${number(flows)} flows${at}`, ...detailsOf(finding)];
}

/** What a kind says beside ends and flows, a line each. */
function detailsOf(finding: Finding): string[] {
  const { observedPolicies, policiesNotInCluster = [], expectedReason, revisions, rulesOf, deniedBy, dropReason } = finding;
  const lines = [
    dropReason && `reason ${dropReason}`,
    deniedBy && deniedBy.length > 0 && `denied by ${deniedBy.join(', ')}`,
    rulesOf && rulesOf.length > 0 && `rules of ${rulesOf.join(', ')}`,
    expectedReason && `policy says ${expectedReason}`,
    observedPolicies && observedPolicies.length > 0 && !deniedBy && `the flows name ${observedPolicies.join(', ')}`,
    policiesNotInCluster.length > 0 && `the cluster does not have ${policiesNotInCluster.join(', ')}`,
    revisions && `policy revisions ${revisionsText(revisions)}`,
    finding.ports && `${number(finding.ports)} ports, e.g. ${finding.portSample?.join(', ')}`,
    finding.names && `${number(finding.names)} names under ${finding.parent}, e.g. ${finding.sample?.join(', ')}`,
    finding.field && `${finding.field}: ${finding.value}`,
    finding.note,
  ];
  return lines.filter((line) => typeof line === 'string' && line !== '').map((line) => `      ${visibleText(String(line))}`);
}

const revisionsText = (revisions: Readonly<Record<string, readonly number[]>>): string =>
  Object.entries(revisions)
    .map(([node, numbers]) => `${node} ${numbers.join('/')}`)
    .join(', ');

function endText({ identity, namespace, workload, labels = [] }: AuditEnd): string {
  if (workload) return visibleText(`${namespace}/${workload}`);
  const reserved = labels.find((label) => label.startsWith('reserved:'))?.slice('reserved:'.length);
  return visibleText(reserved ?? (namespace ? `${namespace}/identity ${identity}` : `identity ${identity}`));
}

function requestText(request: AuditRequest): string {
  if ('dns' in request) return visibleText(request.dns);
  if ('kafka' in request) return visibleText(`${request.kafka.apiKey} ${request.kafka.topic}`);
  return visibleText(`${request.http.method} ${request.http.path}`);
}

/** Why tuples are not judgeable, most first. */
function reasonsOf(tuples: readonly JudgedTuple[]): [string, number][] {
  const reasons = new Map<string, number>();
  for (const { agree, note = 'no reason is known' } of tuples)
    if (agree === 'not judgeable') reasons.set(note, (reasons.get(note) ?? 0) + 1);
  return [...reasons].toSorted(([, a], [, b]) => b - a).map(([reason, count]) => [visibleText(reason), count]);
}

const number = (value: number): string => value.toLocaleString('en-US');

/** Text in lines of a readable width, each behind `indent`. */
function wrapped(text: string, indent: string): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + word.length + 1 > WIDTH - indent.length) {
      lines.push(indent + line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, indent + line];
}
