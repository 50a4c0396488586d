/** What is known of a cluster, as preflight checks read it. A part that is absent was not provided: a check that needs it answers `unknown`. */
export interface PreflightInputs {
  /** Unix milliseconds. */
  readonly now: number;
}
