import { beforeAll, describe, expect, test } from 'vitest';
import { FlowReplay } from '#lib/audit/replay-tuples.ts';
import { readDocuments } from '#lib/kubernetes/documents.ts';
import { readIperf3 } from '#lib/preflight/files/iperf3.ts';
import { readUpload, type UploadContent } from '#lib/preflight/files/upload.ts';
import { sniff } from '#lib/preflight/files/sniff.ts';
import { clusterObjectsOf, preflightInputs } from '#lib/preflight/gather.ts';
import { runPreflight } from '#lib/preflight/run.ts';
import { CHART_SETTINGS } from '#lib/preflight/chart-settings.ts';
import { settingsOf } from '#lib/preflight/settings.ts';
import { type TrafficFacts, trafficFactsOf } from '#lib/preflight/traffic.ts';
import { parts, type Part } from '../demo.ts';
import { Player } from '../player.ts';
import { demoClusterNames, demoEvidence, demoTrials, type DemoFile } from './evidence.ts';

const START = 1_795_000_000_000;
const MINUTES = 5;
/** What the flows of the production cluster are made to show: a connection that leaves its node in plain text. */
const PLANTED: Readonly<Record<Part['environment'], readonly string[]>> = { PRD: ['encryption-coverage'], TST: [], DEV: [] };

function contentOf({ kind, text, fileName }: DemoFile): UploadContent {
  const reading = kind === 'objects' ? undefined : readUpload(kind, text);
  if (!reading?.ok) throw new Error(`${fileName}: ${reading?.problem.message ?? 'not read'}`);
  return reading.value;
}

/** What its flows show. */
function trafficOf({ world, character }: Part) {
  const from = START - MINUTES * 60_000;
  const replay = new FlowReplay();
  const player = new Player({ world, character, seed: 7, from, fullAt: START, storyAt: START });
  for (const flow of player.advance(START)) replay.add(flow);
  const { rows, labelSets } = replay.counted();
  return trafficFactsOf(rows, labelSets, { from, to: START, lost: 0 });
}

/** What is known of a demo cluster once its evidence is uploaded. */
function inputsOf({ world, objects }: Part, flows?: TrafficFacts) {
  const read = readDocuments(JSON.stringify({ kind: 'List', items: objects }));
  const files = new Map(demoEvidence(world.cluster).map((file) => [file.kind, contentOf(file)]));
  const of = <Kind extends UploadContent['kind']>(kind: Kind) => files.get(kind) as Extract<UploadContent, { kind: Kind }>;
  const nodes = world.nodes.length;
  return preflightInputs({
    now: START,
    cluster: clusterObjectsOf(read.objects, read.none),
    values: of('helm-values').values,
    status: of('cilium-status').status,
    encryption: of('encryption-status').encryption,
    agentConf: of('agent-conf').conf,
    entries: of('spire-entries').entries,
    ...(flows && { flows }),
    relay: { connected: nodes, expected: nodes, missing: [], lost: 0, rate: 60, horizonMs: MINUTES * 60_000 },
  });
}

test('there are three clusters, and a cluster that is none of them has no evidence', () => {
  expect(demoClusterNames()).toEqual(['aegis-production', 'aegis-test', 'aegis-dev']);
  expect([demoEvidence('prod'), demoTrials('prod', START)]).toEqual([[], []]);
});

describe.each(parts(1))('the $environment cluster', (part) => {
  const { cluster } = part.world;
  let flows: TrafficFacts;
  beforeAll(() => {
    flows = trafficOf(part);
  });

  test('has files that are told apart by their content, and are read', () => {
    const files = [...demoEvidence(cluster), ...demoTrials(cluster, START)];
    expect(files.map(({ kind }) => kind)).toEqual([
      'helm-values',
      'cilium-status',
      'encryption-status',
      'agent-conf',
      'spire-entries',
      'connectivity-junit',
      'iperf3-before',
      'iperf3-after',
    ]);
    for (const file of files) {
      expect([file.fileName, sniff(file.fileName, file.text)]).toEqual([file.fileName, file.kind]);
      expect(contentOf(file).kind).toBe(file.kind);
    }
  });

  test('is set by its values as its cilium-config says', () => {
    const { values, ciliumConfig } = inputsOf(part);
    const [wanted, running] = [settingsOf({ values }), settingsOf({ ciliumConfig })];
    const different = CHART_SETTINGS.map(({ path }) => path).filter(
      (path) => running.isSet(path) && wanted.isSet(path) && running.text(path) !== wanted.text(path),
    );
    expect(different).toEqual([]);
  });

  test('passes every preflight check of phases 0 to 3, but those that its traffic is made to fail', () => {
    const gating = runPreflight(inputsOf(part, flows)).filter(({ check }) => check.gates.some((phase) => phase < 4));
    expect(gating.length).toBeGreaterThan(15);
    const open = gating.filter(({ status }) => status !== 'pass').map(({ check }) => check.id);
    expect(open).toEqual(PLANTED[part.environment]);
  });
});

test('the measurements show what WireGuard takes: 60 bytes of each packet, and some throughput', () => {
  const report = (kind: DemoFile['kind']) => {
    const reading = readIperf3(demoTrials('aegis-dev', START).find((file) => file.kind === kind)?.text ?? '');
    if (!reading.ok) throw new Error(reading.problem.message);
    return reading.value;
  };
  const [before, after] = [report('iperf3-before'), report('iperf3-after')];
  expect((before.mss ?? 0) - (after.mss ?? 0)).toBe(60);
  expect(after.bitsPerSecond / before.bitsPerSecond).toBeGreaterThan(0.9);
  expect(before.at).toBeLessThan(after.at ?? 0);
});
