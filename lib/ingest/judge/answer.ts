import 'server-only';
import { judgeInputToJson } from '#lib/audit/judge-input.ts';
import { answerAudit } from './answers/audit.ts';
import { answerEvidence } from './answers/evidence.ts';
import { answerGoverning } from './answers/governing.ts';
import { answerLint } from './answers/lint.ts';
import { answerPolicies } from './answers/policies.ts';
import { answerPolicy } from './answers/policy.ts';
import { answerPreflight } from './answers/preflight.ts';
import { answerReach } from './answers/reach.ts';
import { answerReadUpload } from './answers/read-upload.ts';
import { answerRules } from './answers/rules.ts';
import { answerSuggest } from './answers/suggest.ts';
import { answerValues } from './answers/values.ts';
import { answerWhatIf } from './answers/what-if.ts';
import { answerWhy } from './answers/why.ts';
import { answerWouldDeny } from './answers/would-deny.ts';
import type { Ask } from './asks.ts';
import type { Desk } from './desk.ts';

/** The answer to an ask, as its contract has it. Throws `CausewayError` for what the caller can do something about. */
export async function answer(desk: Desk, cluster: string, ask: Ask): Promise<unknown> {
  switch (ask.kind) {
    case 'policies':
      return answerPolicies(desk, cluster, ask);
    case 'policy':
      return answerPolicy(desk, cluster, ask);
    case 'lint':
      return answerLint(desk, cluster);
    case 'audit':
      return answerAudit(desk, cluster, ask);
    case 'why':
      return answerWhy(desk, cluster, ask);
    case 'reach':
      return answerReach(desk, cluster, ask);
    case 'judge-input':
      return judgeInputToJson(await desk.input(cluster, ask.traffic));
    case 'what-if':
      return answerWhatIf(desk, cluster, ask);
    case 'suggest':
      return answerSuggest(desk, cluster, ask);
    case 'would-deny':
      return answerWouldDeny(desk, cluster, ask);
    case 'evidence':
      return answerEvidence(desk, cluster, ask);
    case 'preflight':
      return answerPreflight(desk, cluster, ask);
    case 'values':
      return answerValues(desk, cluster, ask);
    case 'rules':
      return answerRules(desk, cluster, ask);
    case 'governing':
      return answerGoverning(desk, cluster, ask);
    case 'read-upload':
      return answerReadUpload(ask);
  }
}
