import type { LintFinding, Severity } from './lint/finding.ts';
import type { LintRule } from './lint/rule.ts';
import type { TextPlace } from './model.ts';

/** A finding with the file it stands in, as reports need it. */
export interface LocatedFinding extends LintFinding {
  /** Relative to where the command runs, with `/`. Absent for what stands in no file. */
  readonly file?: string;
}

/** SARIF 2.1.0, as code scanning reads it. */
export interface SarifLog {
  readonly version: '2.1.0';
  readonly $schema: string;
  readonly runs: readonly [
    {
      readonly tool: {
        readonly driver: {
          readonly name: string;
          readonly version: string;
          readonly rules: readonly SarifRule[];
        };
      };
      readonly columnKind: 'utf16CodeUnits';
      /** Whether all that was given could be read, and what could not. */
      readonly invocations: readonly [
        { readonly executionSuccessful: boolean; readonly toolExecutionNotifications: readonly SarifNotification[] },
      ];
      readonly results: readonly SarifResult[];
    },
  ];
}

interface SarifRule {
  readonly id: string;
  readonly shortDescription: { readonly text: string };
  readonly fullDescription: { readonly text: string };
  readonly help: { readonly text: string };
  readonly helpUri: string;
  readonly defaultConfiguration: { readonly level: Severity };
}

interface SarifNotification {
  readonly level: 'error';
  readonly message: { readonly text: string };
  readonly locations: readonly [{ readonly physicalLocation: SarifPlace }];
}

interface SarifPlace {
  readonly artifactLocation: { readonly uri: string };
  readonly region?: { readonly startLine: number; readonly startColumn: number };
}

interface SarifResult {
  readonly ruleId: string;
  readonly ruleIndex: number;
  readonly level: Severity;
  readonly message: { readonly text: string };
  readonly locations: readonly [
    {
      readonly physicalLocation?: SarifPlace;
      readonly logicalLocations: readonly [{ readonly fullyQualifiedName: string; readonly kind: 'resource' }];
    },
  ];
  readonly partialFingerprints: { readonly 'causewayFinding/v1': string };
}

/** What could not be read of a file. */
export interface Unread {
  readonly file: string;
  readonly place: TextPlace;
  readonly message: string;
}

/** Findings as SARIF: severities are SARIF's own levels, ids are the fingerprints by which a finding is known again. */
export function sarifOf(
  findings: readonly LocatedFinding[],
  unread: readonly Unread[],
  rules: readonly LintRule[],
  version: string,
): SarifLog {
  const index = new Map(rules.map(({ id }, at) => [id, at]));
  return {
    version: '2.1.0',
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    runs: [
      {
        tool: { driver: { name: 'causeway', version, rules: rules.map(sarifRule) } },
        columnKind: 'utf16CodeUnits',
        invocations: [{ executionSuccessful: unread.length === 0, toolExecutionNotifications: unread.map(notification) }],
        results: findings.map((finding) => sarifResult(finding, index.get(finding.ruleId) ?? -1)),
      },
    ],
  };
}

const sarifRule = ({ id, title, why, fix, source, severity }: LintRule): SarifRule => ({
  id,
  shortDescription: { text: `A policy ${title}.` },
  fullDescription: { text: why },
  help: { text: fix ?? why },
  helpUri: source,
  defaultConfiguration: { level: severity },
});

const notification = ({ file, place, message }: Unread): SarifNotification => ({
  level: 'error',
  message: { text: message },
  locations: [{ physicalLocation: sarifPlace(file, place) }],
});

const sarifPlace = (file: string, place: TextPlace | undefined): SarifPlace => ({
  artifactLocation: { uri: uriOf(file) },
  ...(place && { region: { startLine: place.line, startColumn: place.column } }),
});

function sarifResult(
  { id, ruleId, severity, message, policy, path, file, place }: LocatedFinding,
  ruleIndex: number,
): SarifResult {
  return {
    ruleId,
    ruleIndex,
    level: severity,
    message: { text: `${policy}: ${message}` },
    locations: [
      {
        ...(file !== undefined && { physicalLocation: sarifPlace(file, place) }),
        logicalLocations: [{ fullyQualifiedName: path === '' ? policy : `${policy}#${path}`, kind: 'resource' }],
      },
    ],
    partialFingerprints: { 'causewayFinding/v1': id },
  };
}

/** A path as a relative URI: what a name of a file may hold and a URI may not is escaped. */
const uriOf = (file: string): string =>
  file
    .split('/')
    .map((part) => encodeURIComponent(part))
    .join('/');
