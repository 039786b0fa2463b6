// Uploading one file straight into the bucket: a ticket, the PUT, and trying again while that can help.
import { Injectable, inject } from '@angular/core';
import { Api, ApiProblem } from './api';
import { backOff } from './live-state';
import type { ContentType, Ticket, Visibility } from './models';
import { put } from './s3-put';
import { Session } from './session';

/** Why something did not work; `code` is one of docs/reference/errors.md. */
export interface Trouble {
  readonly code: string;
  readonly message: string;
}

export interface UploadEvents {
  ticketed(ticket: Ticket): void;
  /** *sent* of the file's bytes are on their way. */
  progressed(sent: number): void;
  arrived(ticket: Ticket): void;
  /** The session has ended: the file waits until somebody signs in. */
  held(): void;
  /** Somebody did: it begins again. */
  resumed(): void;
  disconnected(trouble: Trouble): void;
}

export interface Job {
  readonly file: File;
  readonly contentType: ContentType;
  readonly visibility?: Visibility | undefined;
  /** Of an attempt before: the same ticket again cannot make a second image. */
  readonly ticket: Ticket | undefined;
}

/** What the upload tray knows of uploading. */
export interface Uploader {
  /** Begins; returns what cancels, after which nothing more is told. */
  start(job: Job, events: UploadEvents): () => void;
  /** Gives a ticket back that will not be used any more. */
  discard(ticket: Ticket): void;
}

const MOST_TRIES = 6;
const MARGIN_MS = 30_000; // what a ticket must still be good for
const EXISTS = 412;
const REFUSED = 403;
const NOT_SIGNED_IN = 401;

@Injectable({ providedIn: 'root' })
export class S3Uploads implements Uploader {
  private readonly api = inject(Api);
  private readonly session = inject(Session);

  start(job: Job, events: UploadEvents): () => void {
    const controller = new AbortController();
    void this.run(job, events, controller.signal);
    return () => controller.abort();
  }

  discard(ticket: Ticket): void {
    this.api.delete(ticket.imageId).catch(() => undefined); // its link expires by itself
  }

  private async run(job: Job, events: UploadEvents, signal: AbortSignal): Promise<void> {
    let ticket = job.ticket;
    let refused: Ticket | undefined; // once: with another ticket, a refusal is final
    let tries = 0;
    for (;;) {
      try {
        if (!ticket || ticket === refused || isExpiring(ticket)) {
          ticket = await this.renew(ticket, job, events, signal);
        }
        await this.send(job.file, ticket, events, signal);
        if (!signal.aborted) events.arrived(ticket);
        return;
      } catch (error) {
        if (signal.aborted) return;
        const status = statusOf(error);
        if (status === NOT_SIGNED_IN && !this.session.usable()) {
          if (!(await this.hold(events, signal))) return;
        } else if (status === REFUSED && ticket && !refused) refused = ticket;
        else if (waitOf(error) > 0) {
          if (!(await mayRetry(waitOf(error), signal))) return;
        } else if (isOverQuota(error) || !isPassing(status) || ++tries >= MOST_TRIES) {
          events.disconnected(await troubleOf(error, job.file));
          return;
        } else if (!(await mayRetry(backOff(tries - 1), signal))) return;
      }
    }
  }

  /** Waits until somebody has signed in; says whether to go on. */
  private async hold(events: UploadEvents, signal: AbortSignal): Promise<boolean> {
    events.held();
    await this.session.usableAgain(signal);
    if (signal.aborted) return false;
    events.resumed();
    return true;
  }

  /** Asks for a ticket, and gives back the one that is *held*. */
  private async renew(
    held: Ticket | undefined,
    { file, contentType, visibility }: Job,
    events: UploadEvents,
    signal: AbortSignal,
  ): Promise<Ticket> {
    const request = {
      filename: file.name,
      contentType,
      size: file.size,
      ...(visibility && { visibility }),
    };
    const ticket = await this.api.ticket(request);
    if (signal.aborted) this.discard(ticket);
    signal.throwIfAborted();
    events.ticketed(ticket);
    if (held) this.discard(held);
    return ticket;
  }

  private async send(
    file: File,
    ticket: Ticket,
    events: UploadEvents,
    signal: AbortSignal,
  ): Promise<void> {
    const progressed = (sent: number): void => {
      if (!signal.aborted) events.progressed(sent);
    };
    try {
      await put({ file, ticket, progressed, signal });
    } catch (error) {
      if (statusOf(error) !== EXISTS) throw error;
      // The bytes came in an attempt whose answer was lost: "only if nothing is there" says so.
      await this.api.image(ticket.imageId);
    }
  }
}

/** Whether a ticket may expire before its upload has begun. */
function isExpiring(ticket: Ticket): boolean {
  return Date.parse(ticket.upload.expiresAt) <= Date.now() + MARGIN_MS;
}

/** Returns the HTTP status of a failure: 0 where there was no answer, undefined where it is none. */
function statusOf(error: unknown): number | undefined {
  if (!(error instanceof Error && 'status' in error)) return undefined;
  return typeof error.status === 'number' ? error.status : undefined;
}

/** Whether the same may work in a moment. */
export function isPassing(status: number | undefined): boolean {
  return status === 0 || status === 429 || (status !== undefined && status >= 500);
}

/** Returns for how many milliseconds the API wants to be left alone; 0 where it does not say. */
function waitOf(error: unknown): number {
  return error instanceof ApiProblem && !isOverQuota(error) ? error.retryAfter * 1000 : 0;
}

/** Whether there is no room for another image until some are deleted. */
function isOverQuota(error: unknown): boolean {
  return error instanceof ApiProblem && error.code === 'quota_exceeded';
}

async function troubleOf(error: unknown, file: File): Promise<Trouble> {
  if (error instanceof ApiProblem) return { code: error.code, message: error.detail };
  const status = statusOf(error);
  if (!(await isReadable(file))) {
    return { code: 'file_changed', message: 'the file was changed or removed after it was chosen' };
  }
  const message = error instanceof Error ? error.message : String(error);
  if (status === undefined || isPassing(status)) return { code: 'upload_broken', message };
  return { code: 'upload_refused', message: `${message} (${status})` };
}

async function isReadable(file: File): Promise<boolean> {
  try {
    await file.slice(0, 1).arrayBuffer();
    return true;
  } catch {
    return false;
  }
}

/** Waits so long, and for the network if there is none; says whether to go on. */
async function mayRetry(ms: number, signal: AbortSignal): Promise<boolean> {
  await until(signal, (resume) => {
    const timer = setTimeout(resume, ms);
    return () => clearTimeout(timer);
  });
  if (!navigator.onLine) {
    await until(signal, (resume) => {
      addEventListener('online', resume, { once: true });
      return () => removeEventListener('online', resume);
    });
  }
  return !signal.aborted;
}

/** Resolves when what is begun calls back, or at once when the signal comes. */
function until(signal: AbortSignal, begin: (resume: () => void) => () => void): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const stop = begin(resolve);
    signal.addEventListener('abort', () => {
      stop();
      resolve();
    });
  });
}
