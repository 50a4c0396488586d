/** Tables that a finding can be about. */
export type FsckTable =
  | 'receipt_log'
  | 'receipt_batch'
  | 'receipt'
  | 'log_node'
  | 'checkpoint'
  | 'cosignature'
  | 'signing_key'
  | 'key_event'
  | 'key_event_entry'
  | 'trust_signature'
  | 'audit_event';

/** A row that is not what was written, or is not there. */
export interface Finding {
  readonly table: FsckTable;
  /** Its primary key, the parts joined by slashes. */
  readonly row: string;
  readonly problem: string;
}

/** Findings that are told one by one. */
export const MOST_TOLD = 100;

/** Keeps the first findings and counts all: memory does not grow with how much is broken. */
export class Findings {
  readonly #told: Finding[] = [];
  #count = 0;

  add(table: FsckTable, row: readonly (string | number)[], problem: string): void {
    this.#count += 1;
    if (this.#told.length < MOST_TOLD) this.#told.push({ table, row: row.join('/'), problem });
  }

  get told(): readonly Finding[] {
    return this.#told;
  }

  /** All there are, told or not. */
  get count(): number {
    return this.#count;
  }
}
