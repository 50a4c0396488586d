/** What whoever looks may do in one cluster. Pages only hide what the server refuses anyhow. */
export interface MigrationRights {
  /** Tick steps, upload, attest, acknowledge. */
  readonly edit: boolean;
  /** Begin and change the migration, set thresholds. */
  readonly manage: boolean;
  readonly request: boolean;
  readonly decide: boolean;
  readonly breakGlass: boolean;
  /** Grant elevations of others. */
  readonly grant: boolean;
}

export const NO_RIGHTS: MigrationRights = {
  edit: false,
  manage: false,
  request: false,
  decide: false,
  breakGlass: false,
  grant: false,
};

/** Who looks at the migration, and what they may do by the id of a cluster. */
export interface Looker {
  readonly subject: string;
  readonly rights: Readonly<Record<string, MigrationRights>>;
}

export const rightsIn = ({ rights }: Looker, cluster: string): MigrationRights =>
  Object.hasOwn(rights, cluster) ? (rights[cluster] ?? NO_RIGHTS) : NO_RIGHTS;
