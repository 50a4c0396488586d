import 'server-only';
import { StringDecoder } from 'node:string_decoder';
import { KubernetesFailure } from './connection.ts';

/** etcd takes objects of up to 1.5 MB; nothing honest is as long as this. */
const LONGEST_LINE = 8 * 1024 * 1024;

/** The lines of a stream that are not empty, without their ends. Throws what the stream throws, and `KubernetesFailure` for a line without end. */
export async function* linesOf(stream: AsyncIterable<Buffer>): AsyncGenerator<string> {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  for await (const chunk of stream) {
    const lines = (rest + decoder.write(chunk)).split('\n');
    rest = lines.pop() ?? '';
    if (rest.length > LONGEST_LINE) throw new KubernetesFailure(0, 'the watch sent a line without end');
    for (const line of lines) if (line.trim()) yield line;
  }
}
