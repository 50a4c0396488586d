import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { fanout } from './fanout.ts';
import { flowLogs } from './flow-logs.ts';
import { mapFrames } from './map.ts';
import { pages } from './pages.ts';
import { policyEngine } from './policy.ts';
import { preflightChecks } from './preflight.ts';
import { receipts } from './receipts.ts';
import { receive } from './receive.ts';
import { replayCost } from './replay.ts';
import { soak } from './soak.ts';
import { machine } from './support/measure.ts';
import { markdown, Report } from './support/report.ts';
import { topologyCost } from './topology.ts';

const { values } = parseArgs({
  options: {
    only: { type: 'string', default: '' },
    /** A tenth of the time, for a look; the figures of docs/performance.md come from a full run. */
    quick: { type: 'boolean', default: false },
    /** Ten minutes at 10,000 flows/s, and memory after 10 million flows. */
    soak: { type: 'boolean', default: false },
    /** Write the figures as a table to this file. */
    write: { type: 'string', default: '' },
  },
});

/** What there is to measure, in this order. `soak` only when it is asked for. */
const SECTIONS = {
  policy: policyEngine,
  preflight: preflightChecks,
  replay: replayCost,
  topology: topologyCost,
  receipts,
  receive,
  fanout,
  'flow-logs': flowLogs,
  map: mapFrames,
  pages,
  soak,
} as const;

const wanted = values.only ? values.only.split(',') : Object.keys(SECTIONS).filter((name) => name !== 'soak' || values.soak);
const report = new Report();
console.log(machine());
for (const name of wanted) {
  const section = SECTIONS[name as keyof typeof SECTIONS];
  if (!section) throw new Error(`no section ${name}; there are ${Object.keys(SECTIONS).join(', ')}`);
  await section(report, { quick: values.quick });
}
if (values.write) writeFileSync(values.write, markdown(report.figures, machine()));
