import { type JsonRecord, recordOf } from '#lib/flow/json-record.ts';
import { objectText } from '#lib/world/labels.ts';
import { own, part, textsIn } from '#lib/world/object.ts';
import type { AgentConf } from '../inputs.ts';
import { readHcl } from './hcl.ts';
import { read, type Reading, tooLarge, unreadable } from './reading.ts';
import { readYamlText } from './yaml-text.ts';

const MOST_TEXT = 512 * 1024;

/** A SPIRE agent's configuration: `agent.conf` in HCL or JSON, or the ConfigMap that holds it. */
export function readAgentConf(text: string): Reading<AgentConf> {
  const refused = tooLarge(text, MOST_TEXT, 'agent.conf');
  if (refused) return refused;
  const inner = confIn(text);
  if (!inner.ok) return inner;
  const agent = part(inner.value, 'agent');
  if (!agent) return unreadable('there is no block agent { ... } in this file: is it the configuration of a SPIRE agent?');
  const field = (name: string): string => {
    const value = own(agent, name);
    return typeof value === 'number' ? String(value) : objectText(value);
  };
  return read({
    trustDomain: field('trust_domain'),
    serverAddress: field('server_address'),
    serverPort: field('server_port'),
    socketPath: field('socket_path'),
    adminSocketPath: field('admin_socket_path'),
    authorizedDelegates: textsIn(agent, 'authorized_delegates'),
    json: inner.value,
  });
}

function confIn(text: string): Reading<JsonRecord> {
  if (!/^\s*(?:\{|apiVersion:|kind:|---)/.test(text)) return readHcl(text);
  const documents = readYamlText(text);
  if (!documents.ok) return documents;
  const record = recordOf(documents.value[0]) ?? {};
  const conf = own(part(record, 'data'), 'agent.conf');
  if (typeof conf !== 'string') return read(record);
  return /^\s*\{/.test(conf) ? confIn(conf) : readHcl(conf);
}
