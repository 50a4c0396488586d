import 'server-only';
/** Messages held before the stream is paused, so that HTTP/2 makes the relay wait. */
const HIGH_WATER = 8192;
/** A batch of this size is handed over at once; a smaller one waits, so that what comes together is worked on together. */
const FULL_BATCH = 1024;
const GATHER_MS = 10;

/** A streaming call: gRPC's own, or `followCall`. Its last event is `end` or `error`. */
export interface StreamCall<T> {
  on(event: 'data', listener: (message: T) => void): unknown;
  on(event: 'end', listener: () => void): unknown;
  on(event: 'error', listener: (error: Error) => void): unknown;
  pause(): unknown;
  resume(): unknown;
  cancel(): void;
}

/** Messages of a call in batches, as fast as the reader takes them. Throws what the call ended with; ends quietly when `signal` aborts. */
export async function* receive<T>(call: StreamCall<T>, signal: AbortSignal): AsyncGenerator<T[]> {
  let held: T[] = [];
  let paused = false;
  let ended = false;
  let failure: Error | undefined;
  let timer: NodeJS.Timeout | undefined;
  let wake: (() => void) | undefined;

  const rouse = () => {
    clearTimeout(timer);
    timer = undefined;
    wake?.();
    wake = undefined;
  };
  const cancel = () => call.cancel();
  call.on('data', (message: T) => {
    held.push(message);
    if (held.length >= HIGH_WATER && !paused) {
      paused = true;
      call.pause();
    }
    if (!wake) return;
    if (held.length >= FULL_BATCH) rouse();
    else timer ??= setTimeout(rouse, GATHER_MS);
  });
  call.on('end', () => {
    ended = true;
    rouse();
  });
  call.on('error', (error) => {
    failure ??= error;
    ended = true;
    rouse();
  });
  signal.addEventListener('abort', cancel, { once: true });
  if (signal.aborted) cancel();

  try {
    while (!signal.aborted) {
      if (held.length > 0) {
        const batch = held;
        held = [];
        if (paused) {
          paused = false;
          call.resume();
        }
        yield batch;
      } else if (failure) {
        throw failure;
      } else if (ended) {
        return;
      } else {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    }
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', cancel);
    call.cancel();
  }
}
