import { runWitness, type WitnessCommandOptions } from '#lib/cli/witness/witness.ts';

// A witness as a process of its own: options as JSON; with `die` it is killed between keeping a head and answering for it.
const [options = '{}', die] = process.argv.slice(2);
process.exitCode = await runWitness(JSON.parse(options) as WitnessCommandOptions, (line) => console.log(line), {
  ...(die === 'die' && { kept: () => process.kill(process.pid, 'SIGKILL') }),
});
