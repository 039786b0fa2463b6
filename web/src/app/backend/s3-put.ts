// One signed PUT by Uppy's S3 plug-in, without any of its interface. Only `uploads.ts` imports this, lazily.
import AwsS3 from '@uppy/aws-s3';
import { Uppy } from '@uppy/core';
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

const SILENT = { debug: () => undefined, warn: () => undefined, error: () => undefined };
const BY_THE_BROWSER = new Set(['content-length', 'host']); // pages may not set these

/** Sends a file with its ticket. Throws `PutError`, or the signal's reason. */
export async function put({ file, ticket, progressed, signal }: Put): Promise<void> {
  signal.throwIfAborted();
  const uppy = new Uppy({ id: ticket.imageId, logger: SILENT });
  uppy.use(AwsS3, {
    shouldUseMultipart: false,
    allowedMetaFields: false,
    generateObjectKey: () => ticket.imageId, // the ticket's address has the key
    signRequest: () => ({ url: ticket.upload.url, headers: headersOf(ticket) }),
  });
  const watch = watchSilence();
  const stop = (): void => uppy.cancelAll();
  const ended = AbortSignal.any([signal, watch.signal]);
  ended.addEventListener('abort', stop);
  try {
    await send(uppy, file, ticket, (sent) => {
      watch.heard();
      progressed(sent);
    });
    ended.throwIfAborted();
  } finally {
    watch.end();
    ended.removeEventListener('abort', stop);
    uppy.destroy();
  }
}

async function send(
  uppy: Uppy,
  file: File,
  ticket: Ticket,
  progressed: (sent: number) => void,
): Promise<void> {
  let failure: Error | undefined;
  uppy.on('upload-progress', (_, progress) => progressed(Number(progress.bytesUploaded)));
  uppy.on('upload-error', (_, error) => (failure = putError(error)));
  const type = ticket.upload.headers['content-type'] ?? file.type;
  uppy.addFile({ name: ticket.imageId, type, data: file });
  await uppy.upload();
  if (failure) throw failure;
}

function headersOf(ticket: Ticket): Record<string, string> {
  const all = Object.entries(ticket.upload.headers);
  return Object.fromEntries(all.filter(([name]) => !BY_THE_BROWSER.has(name.toLowerCase())));
}

function putError(error: { message: string }): PutError {
  const status = 'status' in error && typeof error.status === 'number' ? error.status : 0;
  return new PutError(status, error.message);
}

const SILENCE_MS = 60_000;

/** Aborts if nothing is heard for a minute: Uppy waits for ever. */
function watchSilence(): { signal: AbortSignal; heard: () => void; end: () => void } {
  const controller = new AbortController();
  const late = (): void => controller.abort(new PutError(0, 'nothing was sent for a minute'));
  let timer = setTimeout(late, SILENCE_MS);
  return {
    signal: controller.signal,
    heard: () => {
      clearTimeout(timer);
      timer = setTimeout(late, SILENCE_MS);
    },
    end: () => clearTimeout(timer),
  };
}
