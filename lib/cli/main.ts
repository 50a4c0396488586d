import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import { CausewayError, messageOf } from '#lib/errors/errors.ts';
import { addAuditLogCommands } from './audit-log/commands.ts';
import { addFsckCommand } from './fsck/command.ts';
import { addKeysCommands } from './keys/command.ts';
import { addPolicyCommands } from './policy.ts';
import { addVerifyCommand } from './verify/command.ts';
import { addPreflightCommand } from './preflight/command.ts';
import { addValuesCommand } from './values/command.ts';
import { addWitnessCommand } from './witness/command.ts';

const root = process.env['CAUSEWAY_ROOT'] ?? process.cwd();
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
const say = (line: string): void => console.log(line);

const program = new Command('causeway')
  .description(
    'A web console for teams that move Amazon EKS clusters from the AWS VPC CNI to Cilium: live Hubble flows, service map, drops.',
  )
  .version(version)
  // An option behind a command is that command’s, where one above it has one of the same name.
  .enablePositionalOptions()
  .showHelpAfterError('(add --help for what is possible)')
  .configureHelp({ showGlobalOptions: true });

const dataOption = () => new Option('--data <dir>', 'where the console keeps its data').default('.causeway');
const databaseOption = () =>
  new Option('--database-url <url>', 'a PostgreSQL 15+ instead of the embedded one').env('DATABASE_URL');
const hostOption = () => new Option('--host <address>', 'address to listen on').default('127.0.0.1');
const portOption = () => new Option('--port <number>', 'port to listen on').default(3000).argParser(port);

function port(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1 || value > 65_535) throw new InvalidArgumentError('a number from 1 to 65535');
  return value;
}

program
  .command('up')
  .description('start everything: database, ingest and web; with the demo clusters unless a relay is given')
  .addOption(hostOption())
  .addOption(portOption())
  .addOption(dataOption())
  .addOption(databaseOption())
  .option('--relay <host:port>', 'a Hubble Relay to read from, instead of the demo clusters')
  .option('--tls', 'reach the relay by TLS with the system’s certificate authorities')
  .option('--tls-ca <file>', 'certificate authorities of the relay, PEM')
  .option('--tls-cert <file>', 'client certificate for mutual TLS, PEM')
  .option('--tls-key <file>', 'its private key, PEM')
  .option('--tls-server-name <name>', 'name that the relay’s certificate must carry')
  .option('--cluster-name <name>', 'what to call the relay’s cluster', 'cluster')
  .addOption(new Option('--environment <env>', 'its environment').choices(['DEV', 'TST', 'PRD']).default('DEV'))
  .option('--kubeconfig <file>', 'read the cluster’s Kubernetes objects (policies, pods, ...) there; list and watch only')
  .option('--kube-context <name>', 'context of the kubeconfig; its current one when absent')
  .option('--kube-namespace <name...>', 'read only these namespaces, where the rights do not reach the whole cluster')
  .option('--objects <dir>', 'instead: a folder of what `kubectl get -o yaml` or `json` printed; read again when it changes')
  .option('--calm', 'in the demo clusters nothing goes wrong: a migration can be walked to its end')
  .addOption(new Option('--dev', 'serve the pages with hot reload').hideHelp())
  .addHelpText(
    'after',
    `
Sign-in: without OIDC_ISSUER, OIDC_CLIENT_ID and OIDC_CLIENT_SECRET there are demo users, on a loopback address only.

Examples:
  causeway up
  causeway up --relay 127.0.0.1:4245            after: kubectl -n kube-system port-forward svc/hubble-relay 4245:80
  causeway up --relay 127.0.0.1:4245 --kubeconfig ~/.kube/config --kube-context prod
  causeway up --relay relay.example:4245 --tls-ca ca.crt --tls-cert ui.crt --tls-key ui.key --cluster-name prod --environment PRD
  causeway up --database-url postgresql://causeway@db.example/causeway`,
  )
  .action(async (options) => (await import('./up.ts')).up(options, root, say));

program
  .command('web')
  .description('the web part alone; reads DATABASE_URL, INGEST_URL, INGEST_TOKEN, NEXTAUTH_SECRET and the OIDC_* variables')
  .addOption(hostOption())
  .addOption(portOption())
  .addOption(new Option('--dev', 'hot reload').hideHelp())
  .action(async (options) => (await import('./web.ts')).runWeb(options, root));

program
  .command('ingest')
  .description(
    'the ingest part alone: relays to topology, ledger and database; reads DATABASE_URL and INGEST_TOKEN, and with CAUSEWAY_KUBERNETES_CLUSTER=ID that cluster’s objects by KUBECONFIG or the pod’s service account',
  )
  .option('--listen <where>', 'unix:PATH or HOST:PORT of its internal interface', '127.0.0.1:4250')
  .action(async (options) => (await import('./ingest.ts')).runIngest(options));

program
  .command('demo', { hidden: true })
  .option('--seed <number>', 'seed', Number)
  .option('--objects <dir>', 'where to write the clusters’ Kubernetes objects')
  .option('--calm', 'nothing goes wrong')
  .action(async (options) => (await import('./demo.ts')).serveDemo(options));

program
  .command('demo-evidence <folder>', { hidden: true })
  .description('write the files of evidence that the demo clusters’ tools would print, to upload them by hand')
  .action(async (folder: string) => (await import('./demo-evidence.ts')).writeDemoEvidence(folder, Date.now(), say));

const imports = program.command('import').description('bring recorded data in');
imports
  .command('flows <file>')
  .description('import flows written by the Hubble exporter or `hubble observe -o jsonpb` (plain or gzip) as a capture')
  .requiredOption('--cluster <id>', 'the cluster it belongs to')
  .option('--name <text>', 'name of the capture; the file’s name when absent')
  .addOption(dataOption())
  .addOption(databaseOption())
  .action(async (file: string, options) => (await import('./import-flows.ts')).importFile(file, options, root, say));
imports
  .command('flow-logs <files...>')
  .description('import AWS VPC Flow Logs (plain or gzip) as the baseline of phase 0; all files are one import')
  .requiredOption('--cluster <id>', 'the cluster they belong to')
  .option('--name <text>', 'name of the import; that of the first file when absent')
  .option(
    '--format <fields>',
    'fields in their order, as given to AWS, for files without a header line that are not in the default format',
  )
  .addOption(dataOption())
  .addOption(databaseOption())
  .addHelpText(
    'after',
    `
One line that cannot be read refuses all of it: nothing is stored then. Addresses are joined to pods and nodes as the running
console knows them; while it does not run, as it knew them last.`,
  )
  .action(async (files: string[], options) =>
    (await import('./import-flow-logs.ts')).importFlowLogFiles(files, options, root, say),
  );

const audit = program
  .command('audit')
  .enablePositionalOptions()
  .description(
    'compare recorded flows with what the policies of the cluster say; needs neither server nor database. Below it: the console’s own audit log',
  )
  .option('--flows <file>', 'flows of the Hubble exporter or `hubble observe -o jsonpb`, plain or gzip')
  .option('--objects <path>', 'a folder or file of the cluster’s objects, as `kubectl get -o json` or `yaml` prints them')
  .option('--json', 'print JSON: every kind of traffic with what is expected of it, and every finding')
  .option('--fail-on <kinds>', 'end with exit status 1 when a finding of these kinds is there, e.g. enforcement-gap,unexplained')
  .addHelpText(
    'after',
    `
Exit status: 0, 1 for findings of --fail-on, 2 when the input cannot be read.

Objects that say most: namespaces, nodes, pods, services, endpointslices, replicasets, ciliumendpoints, ciliumidentities,
ciliumnodes, ciliumcidrgroups, ciliumnetworkpolicies, ciliumclusterwidenetworkpolicies, networkpolicies, and the ConfigMap
cilium-config. What is missing makes answers “not judgeable” where they would rest on it.`,
  )
  .action(async (options) => {
    // The commands below this one do not need them, so that commander cannot ask for them.
    for (const name of ['flows', 'objects']) if (!options[name]) audit.error(`error: required option '--${name}' not specified`);
    process.exitCode = await (await import('./audit.ts')).auditFiles(options, say, (line) => console.error(line));
  });
addAuditLogCommands(audit, root, { data: dataOption, url: databaseOption }, say);

addPolicyCommands(program, say);
addVerifyCommand(program, say);
addWitnessCommand(program, say);
addFsckCommand(program, root, { data: dataOption, url: databaseOption }, say);
addKeysCommands(program, say);
addPreflightCommand(program, say);
addValuesCommand(program, say);

const token = program.command('token').description('API tokens');
token
  .command('create')
  .description('create an API token and print its secret once')
  .requiredOption('--name <name>', 'what it is for')
  .addOption(
    new Option('--role <role>', 'what it may do').choices(['viewer', 'operator', 'auditor', 'admin']).makeOptionMandatory(),
  )
  .option('--scope <scope>', 'DEV, TST, PRD, cluster:ID, or * for everything', '*')
  .option('--expires <days>', 'days until it expires (1 to 90)', (text) => Number(text), 90)
  .addOption(dataOption())
  .addOption(databaseOption())
  .action(async (options) => (await import('./token.ts')).createToken(options, root, say));

const db = program.command('db').description('the database');
db.command('migrate')
  .description('apply missing migrations; safe to run by several replicas at once')
  .addOption(dataOption())
  .addOption(databaseOption())
  .action(async (options) => (await import('./database.ts')).migrateDatabase(options, root, say));
db.command('serve', { hidden: true })
  .addOption(dataOption())
  .action(async (options) => (await import('./database.ts')).serveDatabase(options, root));

program
  .command('doctor')
  .description('check relay, database, NATS, Kubernetes and sign-in one by one and say what is wrong')
  .addOption(dataOption())
  .addOption(databaseOption())
  .option('--relay <host:port>', 'a relay to check; the configured clusters when absent')
  .option('--tls', 'reach it by TLS')
  .option('--tls-ca <file>', 'certificate authorities, PEM')
  .option('--tls-cert <file>', 'client certificate, PEM')
  .option('--tls-key <file>', 'its private key, PEM')
  .option('--tls-server-name <name>', 'name in the relay’s certificate')
  .option('--kubeconfig <file>', 'an API server to check; those of the configured clusters and of KUBECONFIG when absent')
  .option('--kube-context <name>', 'its context')
  .option('--json', 'print JSON')
  .action(async (options) => (await import('./doctor.ts')).doctor(options, root, say));

/** One clear line for what was foreseen; the whole error, for a report, for what was not. */
program.parseAsync().catch((error: unknown) => {
  if (error instanceof CausewayError) console.error(`causeway: ${error.message}`);
  else console.error(`causeway: unexpected failure, please report it: ${messageOf(error)}`, error);
  process.exit(1);
});
