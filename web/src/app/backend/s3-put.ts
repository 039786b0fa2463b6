// One signed PUT into the bucket. By XMLHttpRequest, since `fetch` does not tell how much is sent.
import type { Ticket } from './models';

/** S3 did not take the bytes; `status` is 0 where it gave no answer. */
export class PutError extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
    this.name = 'PutError';
  }
}

export interface Put {
  readonly file: File;
  readonly ticket: Ticket;
  readonly progressed: (sent: number) => void;
  readonly signal: AbortSignal;
}

const BY_THE_BROWSER = new Set(['content-length', 'host']); // pages may not set these
const SILENCE_MS = 60_000; // browsers would wait for ever

/** Sends a file with its ticket. Throws `PutError`, or the signal's reason. */
export async function put({ file, ticket, progressed, signal }: Put): Promise<void> {
  signal.throwIfAborted();
  const request = requestOf(ticket);
  let silence: ReturnType<typeof setTimeout> | undefined;
  const stop = (): void => request.abort();
  signal.addEventListener('abort', stop);
  try {
    await new Promise<void>((resolve, reject) => {
      const fail = (status: number, message: string): void => {
        reject(new PutError(status, message));
      };
      const resetSilence = (): void => {
        clearTimeout(silence);
        silence = setTimeout(() => {
          fail(0, 'nothing was sent for a minute');
          stop();
        }, SILENCE_MS);
      };
      request.upload.onprogress = ({ loaded }) => {
        resetSilence();
        progressed(loaded);
      };
      request.onload = () => {
        if (request.status >= 200 && request.status < 300) resolve();
        else fail(request.status, 'the storage refused the upload');
      };
      request.onerror = () => fail(0, 'the connection was lost');
      request.onabort = () => reject(signal.reason as Error);
      resetSilence();
      request.send(file);
    });
  } finally {
    clearTimeout(silence);
    signal.removeEventListener('abort', stop);
  }
}

function requestOf({ upload }: Ticket): XMLHttpRequest {
  const request = new XMLHttpRequest();
  request.open(upload.method, upload.url);
  for (const [name, value] of Object.entries(upload.headers)) {
    if (!BY_THE_BROWSER.has(name.toLowerCase())) request.setRequestHeader(name, value);
  }
  return request;
}
