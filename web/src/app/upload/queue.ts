// The uploads of this page as plain values: `reduce(list, event)` is the next list.
import type { ContentType, Image, Visibility } from '../backend/models';
import type { Trouble } from '../backend/uploads';
import { STANDSTILL, type Speed, bytesPerSecond, measured, secondsLeft } from './speed';

export type Stage =
  | { readonly at: 'checking' }
  | { readonly at: 'waiting'; readonly contentType: ContentType }
  | {
      readonly at: 'uploading';
      readonly contentType: ContentType;
      readonly sent: number;
      readonly speed: Speed;
    }
  /** The session has ended: it goes on once somebody signs in. */
  | { readonly at: 'held'; readonly contentType: ContentType }
  /** What the catalogue says counts from above that version. */
  | { readonly at: 'processing'; readonly imageId: string; readonly above: number }
  | { readonly at: 'ready'; readonly imageId: string }
  /** Nothing was sent, and trying again cannot help. */
  | { readonly at: 'refused'; readonly trouble: Trouble }
  | { readonly at: 'cancelled'; readonly contentType: ContentType }
  /** It did not reach the bucket. */
  | { readonly at: 'broken'; readonly contentType: ContentType; readonly trouble: Trouble }
  /** It reached the bucket, and could not be processed. */
  | {
      readonly at: 'failed';
      readonly imageId: string;
      readonly version: number;
      readonly trouble: Trouble;
      readonly retryable: boolean;
    };

export interface Upload {
  readonly key: number;
  readonly name: string;
  readonly size: number;
  /** Who is to see it, where that can be chosen. */
  readonly visibility?: Visibility | undefined;
  readonly stage: Stage;
}

export type Event =
  | { readonly type: 'added'; readonly uploads: readonly Upload[] }
  | { readonly type: 'accepted'; readonly key: number; readonly contentType: ContentType }
  | { readonly type: 'refused'; readonly key: number; readonly trouble: Trouble }
  | { readonly type: 'started'; readonly key: number }
  | {
      readonly type: 'progressed';
      readonly key: number;
      readonly sent: number;
      /** Milliseconds. */
      readonly now: number;
    }
  | { readonly type: 'arrived'; readonly key: number; readonly imageId: string }
  | { readonly type: 'disconnected'; readonly key: number; readonly trouble: Trouble }
  | { readonly type: 'held'; readonly key: number }
  | { readonly type: 'resumed'; readonly key: number }
  | { readonly type: 'cancelled'; readonly key: number }
  | { readonly type: 'retried'; readonly key: number }
  | { readonly type: 'dismissed'; readonly key: number }
  | { readonly type: 'cleared' }
  | { readonly type: 'recordChanged'; readonly key: number; readonly image: Image };

/** Returns the list after an event; the very same one if it does not concern it. */
export function reduce(list: readonly Upload[], event: Event): readonly Upload[] {
  switch (event.type) {
    case 'added':
      return [...list, ...event.uploads];
    case 'dismissed':
      return list.filter((one) => one.key !== event.key);
    case 'cleared':
      return list.filter((one) => !hasEnded(one.stage));
    case 'accepted':
    case 'refused':
    case 'started':
    case 'progressed':
    case 'arrived':
    case 'disconnected':
    case 'held':
    case 'resumed':
    case 'cancelled':
    case 'retried':
    case 'recordChanged':
      return replace(list, event.key, (upload) => next(upload, event));
  }
}

type ItemEvent = Exclude<Extract<Event, { readonly key: number }>, { readonly type: 'dismissed' }>;

function next({ stage, size }: Upload, event: ItemEvent): Stage | 'gone' {
  switch (event.type) {
    case 'accepted':
      return stage.at === 'checking' ? { at: 'waiting', contentType: event.contentType } : stage;
    case 'refused':
      if (stage.at !== 'checking' && stage.at !== 'uploading') return stage;
      return { at: 'refused', trouble: event.trouble };
    case 'started':
      if (stage.at !== 'waiting') return stage;
      return { ...stage, at: 'uploading', sent: 0, speed: STANDSTILL };
    case 'progressed':
      if (stage.at !== 'uploading') return stage;
      return {
        ...stage,
        sent: Math.min(event.sent, size),
        speed: measured(stage.speed, event.sent, event.now),
      };
    case 'arrived':
      if (stage.at !== 'uploading') return stage;
      return { at: 'processing', imageId: event.imageId, above: 0 };
    case 'disconnected':
      if (stage.at !== 'uploading') return stage;
      return { at: 'broken', contentType: stage.contentType, trouble: event.trouble };
    case 'held':
      if (stage.at !== 'uploading') return stage;
      return { at: 'held', contentType: stage.contentType };
    case 'resumed':
      if (stage.at !== 'held') return stage;
      return { ...stage, at: 'uploading', sent: 0, speed: STANDSTILL };
    case 'cancelled':
      return cancelled(stage);
    case 'retried':
      return retried(stage);
    case 'recordChanged':
      return recordChanged(stage, event.image);
  }
}

function cancelled(stage: Stage): Stage {
  return canCancel(stage) ? { at: 'cancelled', contentType: stage.contentType } : stage;
}

function retried(stage: Stage): Stage {
  if (stage.at === 'broken' || stage.at === 'cancelled') {
    return { at: 'waiting', contentType: stage.contentType };
  }
  if (stage.at !== 'failed') return stage;
  return { at: 'processing', imageId: stage.imageId, above: stage.version };
}

/** What the catalogue says of an image that came from here. */
function recordChanged(stage: Stage, image: Image): Stage | 'gone' {
  if (!('imageId' in stage)) return stage;
  const old = stage.at === 'processing' && image.version <= stage.above;
  if (old && image.status !== 'DELETED') return stage;
  const { imageId } = stage;
  switch (image.status) {
    case 'DELETED':
      return 'gone';
    case 'READY':
      return stage.at === 'ready' ? stage : { at: 'ready', imageId };
    case 'FAILED':
      return stage.at === 'failed' ? stage : failedStage(image);
    case 'AWAITING_UPLOAD':
    case 'PROCESSING':
      return stage.at === 'processing' ? stage : { at: 'processing', imageId, above: 0 };
  }
}

function failedStage({ id, version, failure }: Image): Stage {
  const trouble = failure ?? { code: 'unknown', message: 'no reason was recorded' };
  const { code, message } = trouble;
  return {
    at: 'failed',
    imageId: id,
    version,
    trouble: { code, message },
    retryable: failure?.retryable ?? false,
  };
}

function replace(
  list: readonly Upload[],
  key: number,
  change: (upload: Upload) => Stage | 'gone',
): readonly Upload[] {
  const at = list.findIndex((one) => one.key === key);
  const upload = list[at];
  if (!upload) return list;
  const stage = change(upload);
  if (stage === upload.stage) return list;
  return stage === 'gone' ? list.toSpliced(at, 1) : list.with(at, { ...upload, stage });
}

/** Whether it has begun or waits its turn, and need not go on. */
export function canCancel(
  stage: Stage,
): stage is Extract<Stage, { at: 'waiting' | 'uploading' | 'held' }> {
  return stage.at === 'waiting' || stage.at === 'uploading' || stage.at === 'held';
}

/** Whether nothing more happens by itself. */
export function hasEnded(stage: Stage): boolean {
  return !isPending(stage) && stage.at !== 'processing';
}

/** Whether bytes would be lost if the page were left. */
export function isPending(stage: Stage): boolean {
  return stage.at === 'checking' || canCancel(stage);
}

/** Returns the uploads that may start now, so that no more than *most* run. */
export function startable(list: readonly Upload[], most: number): readonly Upload[] {
  const running = list.filter(
    ({ stage }) => stage.at === 'uploading' || stage.at === 'held',
  ).length;
  return list.filter((one) => one.stage.at === 'waiting').slice(0, Math.max(0, most - running));
}

/** Returns the trouble of an upload that did not work out. */
export function troubleOf(stage: Stage): Trouble | undefined {
  return 'trouble' in stage ? stage.trouble : undefined;
}

/** Returns the uploads as the tray shows them: what went wrong first, else as they came. */
export function inOrder(list: readonly Upload[]): readonly Upload[] {
  const failed = list.filter((one) => 'trouble' in one.stage);
  return [...failed, ...list.filter((one) => !('trouble' in one.stage))];
}

export interface Summary {
  readonly total: number;
  readonly pending: number;
  readonly processing: number;
  readonly ready: number;
  /** Refused, broken or failed. */
  readonly failed: number;
  readonly cancelled: number;
  /** 0 to 1, of the bytes of all that are not refused or cancelled. */
  readonly sent: number;
  readonly secondsLeft: number | null;
}

/** Returns what the tray's head says. */
export function summarise(list: readonly Upload[]): Summary {
  const count = (fits: (stage: Stage) => boolean): number =>
    list.filter((one) => fits(one.stage)).length;
  const wanted = list.filter(({ stage }) => stage.at !== 'refused' && stage.at !== 'cancelled');
  const bytes = sum(wanted, (one) => one.size);
  const sent = sum(wanted, sentOf);
  const rates = list.map(rateOf).filter((rate) => rate !== null);
  const rate = rates.length > 0 ? rates.reduce((all, one) => all + one, 0) : null;
  const rest = sum(
    list.filter((one) => isPending(one.stage)),
    (one) => one.size - sentOf(one),
  );
  return {
    total: list.length,
    pending: count(isPending),
    processing: count((stage) => stage.at === 'processing'),
    ready: count((stage) => stage.at === 'ready'),
    failed: count((stage) => 'trouble' in stage),
    cancelled: count((stage) => stage.at === 'cancelled'),
    sent: bytes > 0 ? sent / bytes : 1,
    secondsLeft: rest > 0 ? secondsLeft(rest, rate) : null,
  };
}

/** Returns the bytes of an upload that were sent. */
export function sentOf({ stage, size }: Upload): number {
  if (stage.at === 'uploading') return stage.sent;
  return isPending(stage) || stage.at === 'broken' ? 0 : size;
}

/** Returns its bytes a second; null if it does not run, or began just now. */
export function rateOf({ stage }: Upload): number | null {
  return stage.at === 'uploading' ? bytesPerSecond(stage.speed) : null;
}

function sum<T>(list: readonly T[], value: (one: T) => number): number {
  return list.reduce((all, one) => all + value(one), 0);
}
