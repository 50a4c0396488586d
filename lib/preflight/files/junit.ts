import { SaxesParser } from 'saxes';
import { boundText } from '#lib/flow/text.ts';
import { read, type Reading, tooLarge, unreadable } from './reading.ts';

/** What a run of tests says, as `cilium connectivity test --junit-file` writes it. */
export interface JUnitReport {
  readonly tests: number;
  readonly passed: number;
  /** With errors. */
  readonly failed: number;
  readonly skipped: number;
  /** Names of tests that failed, at most 500. */
  readonly failures: readonly { readonly name: string; readonly message: string }[];
  readonly skippedNames: readonly string[];
  /** Unix milliseconds of the earliest suite; undefined where none says it. */
  readonly at: number | undefined;
}

const MOST_TEXT = 32 * 1024 * 1024;
const MOST_DEPTH = 50;
const MOST_NAMES = 500;

/** A JUnit file. A document type, which could declare entities, is refused; so is XML that is not well formed. */
export function readJUnit(text: string): Reading<JUnitReport> {
  const refused = tooLarge(text, MOST_TEXT, 'the JUnit file');
  if (refused) return refused;
  try {
    return parse(text);
  } catch (error) {
    if (error instanceof Refused) return unreadable(error.message, { line: error.line, column: error.column });
    throw error;
  }
}

class Refused extends Error {
  readonly line: number;
  readonly column: number;
  constructor(message: string, { line, column }: { readonly line: number; readonly column: number }) {
    super(message);
    this.line = line;
    this.column = column + 1;
  }
}

interface Case {
  readonly name: string;
  outcome: 'passed' | 'failed' | 'skipped';
  message: string;
}

function parse(text: string): Reading<JUnitReport> {
  const parser = new SaxesParser({ xmlns: false });
  const cases: Case[] = [];
  const times: number[] = [];
  let open: Case | undefined;
  let depth = 0;
  let root = '';
  parser.on('error', ({ message }) => {
    throw new Refused(message.replace(/^\d+:\d+: /, ''), parser);
  });
  parser.on('doctype', () => {
    throw new Refused('a document type is not read: it could declare entities', parser);
  });
  parser.on('opentag', ({ name, attributes }) => {
    if (++depth > MOST_DEPTH) throw new Refused(`nested deeper than ${MOST_DEPTH} levels`, parser);
    root ||= name;
    if (name === 'testsuite') {
      const time = Date.parse(attributes['timestamp'] ?? '');
      if (Number.isFinite(time)) times.push(time);
    } else if (name === 'testcase') {
      open = { name: boundText(attributes['name'] ?? '', 300), outcome: 'passed', message: '' };
      if (attributes['status'] === 'skipped') open.outcome = 'skipped';
      cases.push(open);
    } else if (open && (name === 'failure' || name === 'error')) {
      open.outcome = 'failed';
      open.message ||= boundText(attributes['message'] ?? attributes['type'] ?? '', 500);
    } else if (open && name === 'skipped' && open.outcome !== 'failed') open.outcome = 'skipped';
  });
  parser.on('closetag', ({ name }) => {
    depth--;
    if (name === 'testcase') open = undefined;
  });
  parser.write(text.replace(/^\ufeff/, '')).close();
  if (root !== 'testsuites' && root !== 'testsuite')
    return unreadable(`a JUnit file begins with testsuites; this one with ${root.slice(0, 60)}`);
  if (cases.length === 0) return unreadable('there is no test in this file');
  const of = (outcome: Case['outcome']): Case[] => cases.filter((each) => each.outcome === outcome);
  const failed = of('failed');
  const skipped = of('skipped');
  return read({
    tests: cases.length,
    passed: cases.length - failed.length - skipped.length,
    failed: failed.length,
    skipped: skipped.length,
    failures: failed.slice(0, MOST_NAMES).map(({ name, message }) => ({ name, message })),
    skippedNames: skipped.slice(0, MOST_NAMES).map(({ name }) => name),
    at: times.length > 0 ? Math.min(...times) : undefined,
  });
}
