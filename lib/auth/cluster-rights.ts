import { type Actor, authorize, type Resource } from './authorize.ts';

/** What `actor` may do to a cluster, for use cases that filter by it. */
export const rightsOf = (actor: Actor) => ({
  read: (cluster: Exclude<Resource, string>): boolean => authorize(actor, 'cluster.read', cluster).allowed,
  manage: (cluster: Exclude<Resource, string>): boolean => authorize(actor, 'cluster.manage', cluster).allowed,
});
