import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import type { PreflightCheck, PreflightFinding, PreflightResult } from './check.ts';

/** SARIF 2.1.0 of a preflight run. */
export interface PreflightSarif {
  readonly version: '2.1.0';
  readonly $schema: string;
  readonly runs: readonly [
    {
      readonly tool: { readonly driver: { readonly name: string; readonly version: string; readonly rules: readonly object[] } };
      readonly columnKind: 'utf16CodeUnits';
      readonly results: readonly object[];
    },
  ];
}

/**
 * What failed as results of the check's own level, what could not be told as open ones. A finding in a file that was given (`fileOf`) carries it. Objects
 * are the fingerprints by which a finding is known again.
 */
export function preflightSarif(
  results: readonly PreflightResult[],
  checks: readonly PreflightCheck[],
  version: string,
  fileOf: (object: string) => string | undefined = () => undefined,
): PreflightSarif {
  const index = new Map(checks.map(({ number }, at) => [number, at]));
  const result = ({ check }: PreflightResult, { status, message, object, fix }: PreflightFinding): object => {
    const file = fileOf(object);
    return {
      ruleId: check.id,
      ruleIndex: index.get(check.number) ?? -1,
      ...(status === 'fail' ? { level: check.severity } : { kind: 'open', level: 'none' }),
      message: { text: `${object}: ${message}${fix === undefined ? '' : ` ${fix}`}` },
      locations: [
        {
          ...(file !== undefined && { physicalLocation: { artifactLocation: { uri: uriOf(file) } } }),
          logicalLocations: [{ fullyQualifiedName: object, kind: 'resource' }],
        },
      ],
      partialFingerprints: { 'causewayPreflight/v1': fingerprint(check.id, object, message) },
    };
  };
  return {
    version: '2.1.0',
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    runs: [
      {
        tool: { driver: { name: 'causeway', version, rules: checks.map(rule) } },
        columnKind: 'utf16CodeUnits',
        results: results.flatMap((each) => [
          ...each.findings.filter(({ status }) => status !== 'pass').map((finding) => result(each, finding)),
          ...(each.status === 'unknown' && each.missing.length > 0
            ? [
                result(each, {
                  status: 'unknown',
                  object: `check ${each.check.number}`,
                  message: `cannot be told without ${each.missing.join(', ')}`,
                }),
              ]
            : []),
        ]),
      },
    ],
  };
}

const rule = ({ id, title, why, fix, severity, links, number, subsystem }: PreflightCheck): object => ({
  id,
  name: `Preflight${number}`,
  shortDescription: { text: title },
  fullDescription: { text: why },
  help: { text: fix },
  ...(links[0] && { helpUri: links[0].url }),
  defaultConfiguration: { level: severity },
  properties: { tags: [subsystem] },
});

const fingerprint = (...parts: readonly string[]): string => bytesToHex(sha256(utf8ToBytes(JSON.stringify(parts)))).slice(0, 16);

/** A path as a relative URI: what a name of a file may hold and a URI may not is escaped. */
const uriOf = (file: string): string =>
  file
    .split('/')
    .map((part) => encodeURIComponent(part))
    .join('/');
