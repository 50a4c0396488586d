import type { CommanderError } from 'commander';
import { CausewayError } from '#lib/errors/errors.ts';

/** Says something that is wrong to the person at the terminal. */
export const complain = (line: string): void => console.error(line);

/** Ends the program with the status that `work` gives; with 2, and what is wrong in one line, when what it was given cannot be read. */
export async function endWith(work: () => Promise<number>): Promise<void> {
  try {
    process.exitCode = await work();
  } catch (error) {
    if (!(error instanceof CausewayError)) throw error;
    complain(`causeway: ${error.message}`);
    process.exitCode = 2;
  }
}

/** How a command ends that was not understood: with 2, whatever 1 means of it; it is no answer to its question. */
export const endMisunderstood = ({ exitCode }: CommanderError): never => process.exit(exitCode === 0 ? 0 : 2);
