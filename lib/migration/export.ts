import { boundText, visibleText } from '#lib/flow/text.ts';
import { utcText } from './gate/text.ts';
import type { CheckStatus } from './model.ts';

interface Person {
  readonly name: string;
}

/** A migration as far as its document tells it; the JSON of the API is one. Times are Unix milliseconds. */
export interface MigrationDocument {
  readonly name: string;
  readonly planVersion: string;
  readonly revision: number;
  readonly choices: { readonly method: string; readonly route: string };
  readonly environments: readonly {
    readonly environment: string;
    readonly cluster?: { readonly id: string; readonly name: string } | undefined;
    readonly hidden: boolean;
  }[];
  readonly phases: readonly {
    readonly phase: number;
    readonly name: string;
    readonly summary: string;
    readonly cells: readonly CellDocument[];
  }[];
  readonly brokenGlass: readonly {
    readonly phase: number;
    readonly environment: string;
    readonly by: Person;
    readonly at: number;
    readonly reason: string;
    readonly ticket: string;
  }[];
}

interface CellDocument {
  readonly environment: string;
  readonly state: string;
  readonly since?: number | undefined;
  readonly by: readonly string[];
  readonly checksPassed: number;
  readonly checksTotal: number;
  readonly waitsFor: string;
}

/** A phase of one cluster, as far as the document tells it. */
export interface PhaseDocument {
  readonly cluster: string;
  readonly environment: string;
  readonly name: string;
  readonly cell: CellDocument & { readonly phase: number };
  readonly steps: readonly {
    readonly title: string;
    readonly done?: { readonly by: Person; readonly at: number; readonly note: string } | undefined;
  }[];
  readonly checks: readonly {
    readonly title: string;
    readonly source: string;
    readonly status: CheckStatus;
    readonly met: boolean;
    readonly value: string;
    readonly needs: string;
    readonly reason: string;
    readonly acknowledged?: { readonly by: Person; readonly at: number; readonly reason: string } | undefined;
    readonly attested?: { readonly by: Person; readonly at: number; readonly statement: string } | undefined;
  }[];
  readonly gate: { readonly evidenceHash?: string | undefined; readonly request?: RequestDocument | undefined };
  readonly history: readonly {
    readonly at: number;
    readonly by?: Person | undefined;
    readonly action: string;
    readonly text: string;
  }[];
}

interface RequestDocument {
  readonly number: number;
  readonly state: string;
  readonly evidenceHash: string;
  readonly requestedBy: Person;
  readonly requestedAt: number;
  readonly decisions: readonly {
    readonly decision: string;
    readonly by: Person;
    readonly team?: string | undefined;
    readonly at: number;
    readonly comment: string;
    readonly counts: boolean;
    readonly void?: string | undefined;
  }[];
}

/** The migration as a document for people: GitHub-flavoured Markdown in which no text of theirs is markup. */
export function migrationMarkdown(migration: MigrationDocument, phases: readonly PhaseDocument[], now: number): string {
  return `${[
    `# Migration ${inert(migration.name)}`,
    `Plan ${inert(migration.planVersion)}, revision ${migration.revision}. Method ${inert(migration.choices.method)}, route ${inert(migration.choices.route)}. As of ${utcText(now)}.`,
    ...migration.brokenGlass.map(
      ({ phase, environment, by, at, reason, ticket }) =>
        `> **Broken glass**: phase ${phase} in ${environment}, by ${inert(by.name)} on ${utcText(at)}, ${inert(ticket)}: ${inert(reason)}`,
    ),
    matrix(migration),
    ...phases.map(phaseSection),
  ].join('\n\n')}\n`;
}

function matrix({ environments, phases }: MigrationDocument): string {
  const heads = environments.map(({ environment, cluster, hidden }) =>
    cluster ? `${environment} (${inert(cluster.name)})` : hidden ? `${environment} (hidden)` : environment,
  );
  return table(
    ['Phase', ...heads],
    phases.map(({ phase, name, cells }) => [
      `${phase} ${inert(name)}`,
      ...environments.map(({ environment }) => {
        const cell = cells.find((each) => each.environment === environment);
        return cell ? cellText(cell) : '';
      }),
    ]),
  );
}

function cellText({ state, since, by, checksPassed, checksTotal, waitsFor }: CellDocument): string {
  const parts = [
    `**${state}**`,
    `${checksPassed} of ${checksTotal} checks`,
    ...(waitsFor ? [`waits for ${inert(waitsFor)}`] : []),
    ...(since === undefined ? [] : [`since ${utcText(since)}`]),
    ...(by.length > 0 ? [`by ${by.map(inert).join(', ')}`] : []),
  ];
  return parts.join('<br>');
}

function phaseSection({ cluster, environment, name, cell, steps, checks, gate, history }: PhaseDocument): string {
  const parts = [
    `## Phase ${cell.phase} ${inert(name)} in ${environment} (${inert(cluster)})`,
    `State **${cell.state}**. ${gate.evidenceHash ? `Evidence \`${gate.evidenceHash}\`.` : 'Its evidence has not been read.'}`,
    `### Steps\n\n${steps.map(stepLine).join('\n')}`,
    `### Checks\n\n${table(['Check', 'Says', 'Value', 'Needs', 'Source', 'Why'], checks.map(checkRow))}`,
    ...(gate.request ? [requestSection(gate.request)] : []),
    ...(history.length > 0 ? [`### History\n\n${history.map(historyLine).join('\n')}`] : []),
  ];
  return parts.join('\n\n');
}

const stepLine = ({ title, done }: PhaseDocument['steps'][number]): string =>
  `- [${done ? 'x' : ' '}] ${inert(title)}${done ? ` (${inert(done.by.name)}, ${utcText(done.at)}${done.note ? `: ${inert(done.note)}` : ''})` : ''}`;

function checkRow(check: PhaseDocument['checks'][number]): string[] {
  const { title, status, met, value, needs, source, reason, acknowledged, attested } = check;
  const said = [
    inert(reason),
    ...(attested ? [`Attested by ${inert(attested.by.name)}, ${utcText(attested.at)}: ${inert(attested.statement)}`] : []),
    ...(acknowledged
      ? [`Taken on by ${inert(acknowledged.by.name)}, ${utcText(acknowledged.at)}: ${inert(acknowledged.reason)}`]
      : []),
  ];
  return [
    inert(title),
    met && status !== 'pass' ? `${status}, taken on` : status,
    inert(value),
    inert(needs),
    inert(source),
    said.filter(Boolean).join('<br>'),
  ];
}

function requestSection({ number, state, evidenceHash, requestedBy, requestedAt, decisions }: RequestDocument): string {
  const lines = decisions.map(({ decision, by, team, at, comment, counts, void: reason }) => {
    const who = `${inert(by.name)}${team ? ` (${inert(team)})` : ''}`;
    const text = `${decision} by ${who}, ${utcText(at)}${comment ? `: ${inert(comment)}` : ''}`;
    return counts ? `- ${text}` : `- ~~${text}~~ ${inert(reason ?? 'does not count')}`;
  });
  return [
    `### Request ${number}`,
    `${inert(requestedBy.name)} asked on ${utcText(requestedAt)} on evidence \`${evidenceHash}\`; it is **${state}**.`,
    ...(lines.length > 0 ? [lines.join('\n')] : []),
  ].join('\n\n');
}

const historyLine = ({ at, by, text }: PhaseDocument['history'][number]): string =>
  `- ${utcText(at)} ${by ? `${inert(by.name)} ` : ''}${inert(text)}`;

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');

const MOST_TEXT = 2000;

/** Text of people and clusters on one line: every character that means something to Markdown or HTML is escaped, links are not made. */
function inert(text: string): string {
  const visible = visibleText(boundText(text, MOST_TEXT)).replaceAll(/\s+/g, ' ').trim();
  return visible
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll(/[\\`*_{}[\]()#+!|~$^=@-]/g, String.raw`\$&`)
    .replaceAll(/\b(https?|ftp|mailto|www)(?=[:.])/gi, '$1&#8203;');
}
