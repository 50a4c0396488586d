import { Deliveries } from '#lib/ingest/nats/deliveries.ts';
import { natsConfig, startNatsConsole } from './nats-console.ts';

// The console's part for NATS as a process of its own. With `received` it is killed when a flush has taken its messages, and with `committed` when that
// is committed and nothing of it acknowledged yet.
const [databaseUrl = '', servers = '[]', credentials = '', die = ''] = process.argv.slice(2);
const take: Deliveries['take'] = Reflect.get(Deliveries.prototype, 'take');
Deliveries.prototype.take = function () {
  const taken = take.call(this);
  if (!taken || die === '') return taken;
  if (die === 'received') process.kill(process.pid, 'SIGKILL');
  return { place: taken.place, committed: () => void process.kill(process.pid, 'SIGKILL') };
};
await startNatsConsole(databaseUrl, natsConfig({ servers: JSON.parse(servers) as string[], credentials }));
