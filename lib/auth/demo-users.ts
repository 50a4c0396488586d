import type { Role } from '#lib/api/people.ts';
import type { DemoUser } from '#lib/api/sign-in.ts';

/** Prefix of the subjects of demo users: no issuer has this name. */
export const DEMO_ISSUER = 'demo';

/** A user for each role, and a second approver of another team. They exist in demo mode only, which `lib/config` refuses anywhere but on loopback. */
export const DEMO_USERS: readonly (DemoUser & { readonly role: Role; readonly email: string; readonly team?: string })[] = [
  { id: 'vera', name: 'Vera Viewer', role: 'viewer', description: 'Sees flows, map and drops.' },
  { id: 'olga', name: 'Olga Operator', role: 'operator', description: 'Records captures, too.' },
  {
    id: 'axel',
    name: 'Axel Approver',
    role: 'approver',
    team: 'platform',
    description: 'Operates and approves, for the platform team.',
  },
  {
    id: 'bea',
    name: 'Bea Approver',
    role: 'approver',
    team: 'security',
    description: 'Operates and approves, for the security team.',
  },
  { id: 'ada', name: 'Ada Admin', role: 'admin', description: 'Manages clusters, members, sessions and tokens.' },
  { id: 'auri', name: 'Auri Auditor', role: 'auditor', description: 'Reads everything, changes nothing.' },
  { id: 'gus', name: 'Gus Glassbreaker', role: 'breakglass', description: 'Passes a gate without approval in an emergency.' },
].map((user) => ({ ...user, role: user.role as Role, email: `${user.id}@demo.invalid` }));
