import type { Environment } from '#lib/api/common.ts';
import type { GateChoice, GateDecision, GatePanel, GateRequest, PhaseNumber } from '#lib/api/migration.ts';
import type { GateState } from '#lib/migration/model.ts';
import { clock, duration } from '#components/ui/format.ts';

export type Command = GateChoice['command'];

/** Requests that still wait for somebody or something. */
const OPEN: ReadonlySet<GateState> = new Set(['requested', 'approving', 'approved', 'executing', 'verifying', 'rolling-back']);
export const isOpen = (state: GateState): boolean => OPEN.has(state);

export const choiceOf = ({ choices }: Pick<GatePanel, 'choices'>, command: Command): GateChoice | undefined =>
  choices.find((choice) => choice.command === command);

/** What is asked for now, and what else may be done: the first is always shown, with its reason when it is off; the others where allowed. */
export function commandsOf(state: GateState | undefined): {
  readonly main: Command | undefined;
  readonly others: readonly Command[];
} {
  switch (state) {
    case 'requested':
    case 'approving':
      return { main: 'approve', others: ['reject', 'withdraw', 'revoke'] };
    case 'approved':
      return { main: 'execute', others: ['reject', 'revoke', 'withdraw'] };
    case 'executing':
    case 'verifying':
      return { main: 'complete', others: ['roll-back', 'fail'] };
    case 'rolling-back':
      return { main: 'finish-roll-back', others: ['fail'] };
    case 'completed':
      return { main: undefined, others: ['roll-back', 'request'] };
    default:
      return { main: 'request', others: [] };
  }
}

export interface CommandWords {
  /** Verb on the button. */
  readonly button: string;
  /** Label of the field, and how many characters it needs. */
  readonly label: string;
  readonly least: number;
  readonly look: 'primary' | 'plain' | 'danger';
  /** What it does, to what. */
  readonly effect: string;
}

/** Buttons and effects of the commands, each naming its object. */
export function commandWords(command: Command, { phase, env, cluster, state }: CommandPlace): CommandWords {
  const gate = `the gate of phase ${phase} in ${env}`;
  const comment = { label: 'Comment, if there is something to say', least: 0 };
  switch (command) {
    case 'request':
      return {
        button: 'Request gate',
        ...comment,
        look: 'primary',
        effect: `Freezes the evidence as it is now and asks for approvals of ${gate}.`,
      };
    case 'approve':
      return {
        button: 'Approve',
        ...comment,
        look: 'primary',
        effect: `You approve ${gate}, on the evidence named above and no other.`,
      };
    case 'reject':
      return {
        button: 'Reject',
        label: 'Reason',
        least: 3,
        look: 'danger',
        effect: `Ends this request for ${gate}. A new one can be made.`,
      };
    case 'withdraw':
      return {
        button: 'Withdraw',
        ...comment,
        look: 'plain',
        effect: `Takes back the request for ${gate}; its approvals are void.`,
      };
    case 'revoke':
      return {
        button: 'Revoke',
        label: 'Reason',
        least: 3,
        look: 'danger',
        effect: `Takes back what was approved for ${gate}. It must be requested again.`,
      };
    case 'execute':
      return {
        button: 'Pass the gate',
        ...comment,
        look: 'primary',
        effect: `${cluster} begins to leave phase ${phase}. Evidence, approvals and window are read again at this moment.`,
      };
    case 'complete':
      if (state === 'executing') {
        return {
          button: 'Begin to verify',
          ...comment,
          look: 'primary',
          effect: `Says that the work of phase ${phase} on ${cluster} is done. Its evidence must hold before the phase is completed.`,
        };
      }
      return {
        button: 'Complete phase',
        ...comment,
        look: 'primary',
        effect: `Reads the evidence once more; when all of it holds, phase ${phase} in ${env} is completed.`,
      };
    case 'fail':
      return {
        button: 'Mark as failed',
        label: 'What failed',
        least: 3,
        look: 'danger',
        effect: `Records that phase ${phase} in ${env} failed. It does not change the cluster.`,
      };
    case 'roll-back':
      return {
        button: 'Roll back',
        label: 'What made it necessary',
        least: 3,
        look: 'danger',
        effect: `Records the begin of a rollback of phase ${phase} on ${cluster}. The commands are under Rollback; people run them.`,
      };
    case 'finish-roll-back':
      return {
        button: 'Rollback is done',
        label: 'What was observed afterwards',
        least: 3,
        look: 'primary',
        effect: `Ends the rollback; phase ${phase} in ${env} is open again.`,
      };
    case 'break-glass':
      return {
        button: 'Break glass',
        label: 'Why it cannot wait for approval',
        least: 20,
        look: 'danger',
        effect: `Passes ${gate} without approval.`,
      };
    case 'ask-elevation':
      return {
        button: 'Ask for elevation',
        label: 'Reason',
        least: 3,
        look: 'plain',
        effect: `Asks for the right to request and pass gates on ${cluster} for a while; another person grants it.`,
      };
    case 'review':
      return {
        button: 'Close the review',
        label: 'What you found',
        least: 20,
        look: 'primary',
        effect: 'Closes the review. The red mark stays.',
      };
  }
}
export interface CommandPlace {
  readonly phase: PhaseNumber;
  readonly env: Environment;
  readonly cluster: string;
  /** Of the request: the same command may mean another step. */
  readonly state?: GateState | undefined;
}

/** Seats that nobody has taken yet: first those of teams that must be among the approvers, then of anyone. */
export function openSeats(
  request: Pick<GateRequest, 'decisions' | 'needed' | 'approved'>,
  teams: readonly string[],
): readonly string[] {
  const sitting = new Set(request.decisions.filter(isApproval).map(({ team }) => team));
  const wanted = teams.filter((team) => !sitting.has(team)).map((team) => `${team} approver`);
  const free = Math.max(0, request.needed - request.approved);
  return [...wanted, ...Array.from({ length: Math.max(0, free - wanted.length) }, () => 'approver')];
}

export const isApproval = ({ decision, counts }: Pick<GateDecision, 'decision' | 'counts'>): boolean =>
  decision === 'approve' && counts;

const FACTORS: ReadonlySet<string> = new Set(['mfa', 'otp', 'hwk', 'swk', 'fido', 'pop', 'sc', 'face', 'fpt']);

/** `security, 13:12, second factor`: from which team, when, and how the person proved to be who they are. */
export function decisionNote({ team, at, auth }: Pick<GateDecision, 'team' | 'at' | 'auth'>, when: string): string {
  const second = auth.amr.some((method) => FACTORS.has(method));
  const fresh = auth.authTime !== undefined && at - auth.authTime < 15 * 60_000;
  return [team, when, second ? 'second factor' : fresh ? 'fresh sign-in' : undefined].filter(Boolean).join(', ');
}

/** `sha256:41d7…c09e` */
export const shortHash = (hash: string): string => `sha256:${hash.slice(0, 4)}…${hash.slice(-4)}`;

/** How long an approval counts, and when those of this request end. */
export function ttlWords(ttlMinutes: number, request: Pick<GateRequest, 'expiresAt' | 'state'> | undefined): string {
  const lasts = `each lasts ${duration(ttlMinutes * 60_000)}`;
  return request && ['requested', 'approving', 'approved'].includes(request.state)
    ? `${lasts}, until ${clock(request.expiresAt)}`
    : lasts;
}
