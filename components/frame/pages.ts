import {
  CircleSlash2,
  Inbox,
  LayoutGrid,
  ListTree,
  ReceiptText,
  ScrollText,
  Share2,
  Signpost,
  SlidersHorizontal,
} from 'lucide-react';

/** The pages of a cluster, in the order of the rail: what goes on in it, and below a line what proves it. */
export const PAGES = [
  { path: 'overview', name: 'Overview', icon: LayoutGrid },
  { path: 'map', name: 'Map', icon: Share2 },
  { path: 'flows', name: 'Flows', icon: ListTree },
  { path: 'drops', name: 'Drops', icon: CircleSlash2 },
  { path: 'policies', name: 'Policies', icon: ScrollText },
  { path: 'migration', name: 'Migration', icon: Signpost },
  { path: 'receipts', name: 'Receipts', icon: ReceiptText, proof: true },
] as const;

/** The pages below Settings; `admin` ones are of no use to others and are not listed for them. */
export const SETTINGS = [
  { path: 'clusters', name: 'Clusters', roles: undefined },
  { path: 'members', name: 'Members', roles: ['admin', 'auditor'] },
  { path: 'sessions', name: 'Sessions', roles: undefined },
  { path: 'tokens', name: 'API tokens', roles: ['admin', 'auditor'] },
  { path: 'webhooks', name: 'Webhooks', roles: ['admin', 'auditor'] },
  { path: 'audit-log', name: 'Audit log', roles: ['admin', 'auditor'] },
  { path: 'about', name: 'About', roles: undefined },
] as const;

export const APPROVALS_ICON = Inbox;

export const SETTINGS_ICON = SlidersHorizontal;
