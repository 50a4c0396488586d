import 'server-only';
import { type KeyObject, sign } from 'node:crypto';
import type { Logger } from 'pino';
import { type AuditContext, systemActor } from '#lib/audit-log/event.ts';
import { appendAuditBy } from '#lib/db/audit-log/append.ts';
import { addKeyEvent, lockKeys, putKey, readKeyRecords } from '#lib/db/receipts/keys.ts';
import type { Statements, TrafficDb } from '#lib/db/traffic/connection.ts';
import { CausewayError, messageOf } from '#lib/errors/errors.ts';
import { toBase64Url } from '#lib/receipts/base64.ts';
import { keyEventToSign } from '#lib/receipts/key-event.ts';
import { momentOf } from '#lib/receipts/moment.ts';
import type { PublicKey } from '#lib/receipts/public-key.ts';
import type { KeyEvent } from '#lib/receipts/receipt.ts';
import { type HeldKey, makeKeyFile, removeKeyFile, sourceOf } from './key-file.ts';
import { type HeldKeys, type KeyPlaces, loadHeldKeys } from './held-keys.ts';
import { type DueChange, dueChange, type Pace } from './plan.ts';
import { problemsOf } from './problems.ts';
import { inForce, KEY_ROLES, type KeyRole, type KeyState, keyStates } from './states.ts';

/** A key that signs now. The private part goes to the thread that signs as the object it is. */
export interface ActiveKey {
  readonly kid: string;
  readonly publicKey: PublicKey;
  readonly privateKey: KeyObject;
}

export interface SigningKeysOptions extends KeyPlaces {
  readonly db: TrafficDb;
  readonly log: Logger;
  /** How long a new key is known before it signs; a day when absent. Milliseconds. */
  readonly overlapMs?: number;
  /** How long the one before stays in force beside it; ten minutes when absent. */
  readonly lingerMs?: number;
  /** How often files and database are looked at; half a minute when absent. */
  readonly everyMs?: number;
  readonly now?: () => number;
}

export interface SigningKeys {
  /** The key that signs for a role now; undefined while none may, and `problem` says why. */
  active(role: KeyRole): ActiveKey | undefined;
  /** Why something is not signed now, with what mends it; empty when all is. */
  readonly problem: string;
  /** What is amiss while everything is still signed, as sentences. */
  readonly warnings: readonly string[];
  /** Thumbprints of the keys whose private part is here. */
  readonly held: readonly string[];
  /** Whether the console makes keys itself; else they are files that somebody else puts there. */
  readonly makesKeys: boolean;
  /** How long a new key is known before it signs. Milliseconds. */
  readonly overlapMs: number;
  /** Looks at files and database, and makes the changes that are due. Never rejects: what is wrong is in `problem`. */
  refresh(): Promise<void>;
  /** Makes a new key for a role, which signs once the overlap is over. Throws `conflict` where that cannot be. */
  rotate(role: KeyRole, reason: string, context: AuditContext): Promise<void>;
  /** Says that a key is in other hands since `at` (Unix milliseconds); another one takes over at once where there is one or one can be made. */
  compromise(kid: string, at: number, reason: string, context: AuditContext): Promise<void>;
  close(): void;
}

const DAY_MS = 86_400_000;
const LINGER_MS = 600_000;
const EVERY_MS = 30_000;

/** Opens the keys of a console: reads the files, makes the first ones where the console keeps its own, and follows the changes that are due. */
export async function openSigningKeys(options: SigningKeysOptions): Promise<SigningKeys> {
  const keys = new FileKeys(options);
  await keys.refresh();
  keys.follow(options.everyMs ?? EVERY_MS);
  return keys;
}

class FileKeys implements SigningKeys {
  readonly #options: SigningKeysOptions;
  readonly #pace: Pace;
  #held: HeldKeys = { byRole: { receipt: [], checkpoint: [] }, problems: { receipt: [], checkpoint: [] } };
  #states: readonly KeyState[] = [];
  #away = 'the keys have not been read yet';
  #running: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: SigningKeysOptions) {
    this.#options = options;
    this.#pace = { overlapMs: options.overlapMs ?? DAY_MS, lingerMs: options.lingerMs ?? LINGER_MS };
  }

  get makesKeys(): boolean {
    return this.#options.directory !== undefined;
  }

  get overlapMs(): number {
    return this.#pace.overlapMs;
  }

  get held(): string[] {
    return KEY_ROLES.flatMap((role) => this.#held.byRole[role].map(({ kid }) => kid));
  }

  get problem(): string {
    return this.#said().problem;
  }

  get warnings(): readonly string[] {
    return this.#said().warnings;
  }

  active(role: KeyRole): ActiveKey | undefined {
    const now = this.#now();
    const held = this.#held.byRole[role];
    // One that is in force only later by this clock would sign what everybody refuses.
    const kid = inForce(this.#states, role).findLast(
      (key) => key.validFromMs <= now && held.some((mine) => mine.kid === key.kid),
    )?.kid;
    return held.find((mine) => mine.kid === kid);
  }

  follow(everyMs: number): void {
    this.#timer = setInterval(() => void this.refresh(), everyMs);
    this.#timer.unref();
  }

  close(): void {
    clearInterval(this.#timer);
  }

  refresh(): Promise<void> {
    return (this.#running ??= this.#refresh().finally(() => {
      this.#running = undefined;
    }));
  }

  async #refresh(): Promise<void> {
    const { db, log } = this.#options;
    this.#held = loadHeldKeys(this.#options);
    try {
      await this.#makeFirstKeys();
      this.#states = await db.transaction((tx) => this.#settle(tx));
      this.#away = '';
    } catch (error) {
      log.warn({ error: messageOf(error) }, 'the state of the keys could not be read');
      // What was read before still counts: keys do not change because the database is away.
      if (this.#states.length === 0) this.#away = `the state of the keys cannot be read: ${messageOf(error)}`;
    }
    this.#removeSpent();
  }

  /** A console that has never signed for a role, and keeps its own keys, makes one. */
  async #makeFirstKeys(): Promise<void> {
    const { db, directory } = this.#options;
    if (directory === undefined) return;
    const states = await this.#read(db);
    for (const role of KEY_ROLES)
      if (this.#isEmpty(role) && states.every((key) => key.role !== role))
        this.#held.byRole[role].push(makeKeyFile(directory, role, this.#now()));
  }

  #isEmpty(role: KeyRole): boolean {
    return this.#held.byRole[role].length === 0 && this.#held.problems[role].length === 0;
  }

  /** Makes the changes that are due; gives the states after them. */
  async #settle(tx: Statements): Promise<KeyState[]> {
    await lockKeys(tx);
    let states = await this.#read(tx);
    const said: DueChange[] = [];
    for (const role of KEY_ROLES) {
      const held = this.#held.byRole[role].map(({ kid }) => kid);
      for (;;) {
        const due = dueChange(role, states, held, this.#now(), this.#pace);
        if (!due) break;
        await this.#write(tx, role, due, states);
        said.push(due);
        states = await this.#read(tx);
      }
    }
    for (const { event, kid } of said)
      await appendAuditBy(tx, {
        actor: systemActor('ingest'),
        action: 'key.change',
        object: { type: 'key', id: kid },
        outcome: 'ok',
        details: { event, role: roleOf(states, kid) },
      });
    for (const { event, kid } of said) this.#options.log.info({ kid, event, role: roleOf(states, kid) }, 'a key changes');
    return states;
  }

  async rotate(role: KeyRole, reason: string, context: AuditContext): Promise<void> {
    const { db, directory } = this.#options;
    if (directory === undefined) throw new CausewayError('conflict', HOW_TO_ROTATE[role]);
    await this.refresh();
    const made = makeKeyFile(directory, role, this.#now());
    try {
      this.#states = await db.transaction(async (tx) => {
        await lockKeys(tx);
        const states = await this.#read(tx);
        const pending = states.find((key) => key.role === role && key.state === 'pending');
        if (pending)
          throw new CausewayError(
            'conflict',
            `a rotation is under way: key ${pending.kid} takes over at ${momentOf(pending.validFromMs)}`,
          );
        const current = inForce(states, role).at(-1);
        if (!current || !this.#find(role, current.kid))
          throw new CausewayError(
            'conflict',
            this.problem || `no key of the role ${role} is in force here, which could bring in another`,
          );
        this.#held.byRole[role].push(made);
        const plannedMs = this.#now() + this.#pace.overlapMs;
        await this.#write(tx, role, { event: 'introduced', kid: made.kid, signers: [made.kid, current.kid], plannedMs }, states);
        await appendAuditBy(tx, {
          ...context,
          action: 'key.rotate',
          object: { type: 'key', id: made.kid },
          outcome: 'ok',
          reason,
          details: { role, before: current.kid, from: momentOf(plannedMs) },
        });
        return this.#read(tx);
      });
    } catch (error) {
      this.#drop(role, made);
      throw error;
    }
    this.#options.log.info({ kid: made.kid, role }, 'a key is introduced');
  }

  async compromise(kid: string, at: number, reason: string, context: AuditContext): Promise<void> {
    await this.refresh();
    const now = this.#now();
    if (at > now)
      throw new CausewayError('bad-input', 'a key cannot have been lost at a time that is still to come', {
        place: { parameter: 'at' },
      });
    const { db, directory } = this.#options;
    const known = this.#states.find((key) => key.kid === kid);
    if (!known) throw new CausewayError('not-found', 'there is no such key');
    const { role } = known;
    const spare = directory !== undefined && known.state === 'active' ? makeKeyFile(directory, role, now) : undefined;
    if (spare) this.#held.byRole[role].push(spare);
    try {
      this.#states = await db.transaction(async (tx) => {
        await lockKeys(tx);
        let states = await this.#read(tx);
        const target = states.find((key) => key.kid === kid);
        if (!target || target.state === 'compromised')
          throw new CausewayError('conflict', `key ${kid} is marked as compromised already`);
        for (const change of this.#replacement(target, states)) {
          await this.#write(tx, role, change, states);
          states = await this.#read(tx);
        }
        const signer = this.#otherInForce(target, states) ?? (this.#find(role, kid) && kid);
        if (signer === undefined)
          throw new CausewayError(
            'conflict',
            `no key of the role ${role} is here that could sign this; put a new key file there first`,
          );
        await this.#write(tx, role, { event: 'compromised', kid, signers: [signer] }, states, at);
        await appendAuditBy(tx, {
          ...context,
          action: 'key.compromise',
          object: { type: 'key', id: kid },
          outcome: 'ok',
          reason,
          details: { role, at: momentOf(at), ...(signer !== kid && { successor: signer }) },
        });
        return this.#read(tx);
      });
    } catch (error) {
      if (spare) this.#drop(role, spare);
      throw error;
    }
    if (spare && this.#states.every((key) => key.kid !== spare.kid)) this.#drop(role, spare);
    this.#options.log.warn({ kid, role }, 'a key is compromised');
    this.#removeSpent();
  }

  /** Changes that put another key in the place of one that is about to be given up. Its own signature is on them where it is here. */
  #replacement(target: KeyState, states: readonly KeyState[]): DueChange[] {
    const { role, kid } = target;
    if (target.state !== 'active' || this.#otherInForce(target, states) !== undefined) return [];
    const old = this.#find(role, kid) ? [kid] : [];
    const pending = states.find((key) => key.role === role && key.state === 'pending' && this.#find(role, key.kid));
    if (pending) return [{ event: 'activated', kid: pending.kid, signers: [pending.kid, ...old] }];
    const fresh = this.#held.byRole[role].find((held) => states.every((key) => key.kid !== held.kid));
    if (!fresh) return [];
    return [
      { event: 'introduced', kid: fresh.kid, signers: [fresh.kid, ...old], plannedMs: this.#now() },
      { event: 'activated', kid: fresh.kid, signers: [fresh.kid, ...old] },
    ];
  }

  #otherInForce({ role, kid }: KeyState, states: readonly KeyState[]): string | undefined {
    return inForce(states, role).findLast((key) => key.kid !== kid && this.#find(role, key.kid))?.kid;
  }

  async #write(
    tx: Statements,
    role: KeyRole,
    { event, kid, signers, plannedMs }: DueChange,
    states: readonly KeyState[],
    compromisedAt?: number,
  ): Promise<void> {
    const held = this.#find(role, kid);
    const x = held?.x ?? states.find((key) => key.kid === kid)?.x ?? '';
    if (held) await putKey(tx, { kid, role, x, source: sourceOf(held) });
    const unsigned = {
      event,
      role,
      kid,
      x,
      at: momentOf(latestOf(states, role, this.#now())),
      ...(compromisedAt !== undefined && { compromised_at: momentOf(compromisedAt) }),
    };
    const message = keyEventToSign(unsigned);
    const signatures = signers.map((signer): KeyEvent['signatures'][number] => {
      const key = this.#find(role, signer);
      if (!key) throw new CausewayError('conflict', `the private part of key ${signer} is not here`);
      return { kid: signer, sig: toBase64Url(Uint8Array.from(sign(null, message, key.privateKey))) };
    });
    await addKeyEvent(tx, { ...unsigned, signatures }, plannedMs);
  }

  /** The console's own keys that sign no more: nobody needs their private parts, and nobody shall find them. */
  #removeSpent(): void {
    if (!this.makesKeys) return;
    for (const role of KEY_ROLES)
      for (const held of this.#held.byRole[role]) {
        const state = this.#states.find(({ kid }) => kid === held.kid)?.state;
        if (state === 'retired' || state === 'compromised') this.#drop(role, held);
      }
  }

  #drop(role: KeyRole, key: HeldKey): void {
    this.#held.byRole[role] = this.#held.byRole[role].filter(({ kid }) => kid !== key.kid);
    removeKeyFile(key.path);
  }

  async #read(db: Statements): Promise<KeyState[]> {
    const { keys, changes } = await readKeyRecords(db);
    return keyStates(keys, changes);
  }

  #said(): { readonly problem: string; readonly warnings: readonly string[] } {
    if (this.#away !== '') return { problem: this.#away, warnings: [] };
    return problemsOf(
      this.#states,
      this.#held,
      { receipt: this.active('receipt')?.kid, checkpoint: this.active('checkpoint')?.kid },
      this.#now(),
    );
  }

  #find = (role: KeyRole, kid: string): HeldKey | undefined => this.#held.byRole[role].find((key) => key.kid === kid);
  #now = (): number => this.#options.now?.() ?? Date.now();
}

const HOW_TO_ROTATE: Readonly<Record<KeyRole, string>> = {
  receipt: howTo('CAUSEWAY_RECEIPT_KEY_FILE'),
  checkpoint: howTo('CAUSEWAY_CHECKPOINT_KEY_FILE'),
};

function howTo(variable: string): string {
  return `the key files of this console are put there by others, so it cannot make one: add a second file and name both, old,new, in ${variable}; the new key is introduced at once and takes over after the overlap, then the old one can go`;
}

/** Changes of a role's keys follow one another in time, even where the clock was set back between them. */
const latestOf = (states: readonly KeyState[], role: KeyRole, now: number): number =>
  states
    .filter((key) => key.role === role)
    .flatMap((key) => [key.introducedMs, key.state === 'pending' ? 0 : key.validFromMs, key.validToMs ?? 0, key.toldMs ?? 0])
    .reduce((latest, at) => Math.max(latest, at), now);

const roleOf = (states: readonly KeyState[], kid: string): string => states.find((key) => key.kid === kid)?.role ?? '';
