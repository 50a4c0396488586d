import { refuse, type Refusal } from './command.ts';
import type { GateCaller, GatePerson } from './record.ts';

/** Why someone may not close the review of broken glass; undefined when they may. */
export function mayNotReview(
  review: { readonly by: GatePerson; readonly closedBy: GatePerson | undefined },
  caller: GateCaller,
): Refusal | undefined {
  if (!caller.roles.has('approver')) return refuse('forbidden', 'This needs the role approver in this cluster.');
  if (caller.subject === review.by.subject) return refuse('forbidden', 'You broke the glass: somebody else has to review it.');
  return review.closedBy && refuse('conflict', `${review.closedBy.name} has reviewed this already.`);
}
