/** What `causeway values` prints. */
export const VALUES_FORMATS = ['values', 'application', 'manifests', 'diff', 'json'] as const;
export type ValuesFormat = (typeof VALUES_FORMATS)[number];
