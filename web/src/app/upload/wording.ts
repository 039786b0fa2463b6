// What the tray says, on the screen and to screen readers.
import { formatBytes, formatShare, formatSpeed, formatTimeLeft, plural } from '../state/formats';
import type { Found } from './intake';
import { type Summary, type Upload, hasEnded, rateOf, sentOf } from './queue';
import { secondsLeft } from './speed';

export type Tone = 'quiet' | 'busy' | 'good' | 'bad';

export interface Chip {
  readonly text: string;
  readonly tone: Tone;
}

const CHIPS: Readonly<Record<Upload['stage']['at'], Chip>> = {
  checking: { text: 'Waiting', tone: 'quiet' },
  waiting: { text: 'Waiting', tone: 'quiet' },
  uploading: { text: 'Uploading', tone: 'busy' },
  held: { text: 'Waiting for sign-in', tone: 'quiet' },
  processing: { text: 'Processing', tone: 'busy' },
  ready: { text: 'Ready', tone: 'good' },
  refused: { text: 'Not accepted', tone: 'bad' },
  cancelled: { text: 'Cancelled', tone: 'quiet' },
  broken: { text: 'Not uploaded', tone: 'bad' },
  failed: { text: 'Failed', tone: 'bad' },
};

export function chipOf(upload: Upload): Chip {
  return CHIPS[upload.stage.at];
}

/** Returns the line below the name: 1.2 of 4.5 MB · 3.1 MB/s · 2 s left. */
export function detailOf(upload: Upload): string {
  const secret = upload.visibility === 'private' ? ['private'] : [];
  if (upload.stage.at !== 'uploading') return [formatBytes(upload.size), ...secret].join(' · ');
  const [sent, rate] = [sentOf(upload), rateOf(upload)];
  const parts = [formatShare(sent, upload.size), ...secret];
  const left = secondsLeft(upload.size - sent, rate);
  if (rate) parts.push(formatSpeed(rate));
  if (left !== null) parts.push(`${formatTimeLeft(left)} left`);
  return parts.join(' · ');
}

/** Returns the tray's headline: 12 of 20 uploaded · 8 s left. */
export function headline(summary: Summary): string {
  const { total, pending, processing, ready, failed, secondsLeft: left } = summary;
  if (pending > 0) {
    const time = left === null ? '' : ` · ${formatTimeLeft(left)} left`;
    return `${total - pending} of ${total} uploaded${time}`;
  }
  if (processing > 0) return `Processing ${plural(processing, 'picture')}`;
  const parts = [];
  if (ready > 0) parts.push(`${ready} ready`);
  if (failed > 0) parts.push(`${failed} failed`);
  if (summary.cancelled > 0) parts.push(`${summary.cancelled} cancelled`);
  return parts.join(', ');
}

/** Returns what is to be said of a drop or a folder that did not give what one expects; '' for nothing. */
export function shortfall({ files, unreadable }: Found): string {
  if (unreadable > 0) return `${plural(unreadable, 'file')} could not be read.`;
  return files.length === 0 ? 'It contains no images.' : '';
}

/** Returns what a screen reader is told of the way from one list to the next; '' for nothing. */
export function announcement(before: readonly Upload[], after: readonly Upload[]): string {
  const known = new Map(before.map((one) => [one.key, one]));
  const added = after.filter((one) => !known.has(one.key));
  const ended = after.filter(
    (one) => hasEnded(one.stage) && known.get(one.key)?.stage.at !== one.stage.at,
  );
  const ready = ended.filter((one) => one.stage.at === 'ready');
  const failed = ended.filter((one) => 'trouble' in one.stage);
  return [
    ...(added.length > 0 ? [`${plural(added.length, 'picture')} added.`] : []),
    ...summed(ready, 'ready'),
    ...summed(failed, 'failed'),
  ].join(' ');
}

const MOST_NAMED = 3;
const LONGEST_NAME = 60; // characters of a name

function summed(list: readonly Upload[], what: string): readonly string[] {
  return list.length > MOST_NAMED ? [`${list.length} pictures ${what}.`] : list.map(sentenceOf);
}

function sentenceOf({ name, stage }: Upload): string {
  const short = isolated(name.length > LONGEST_NAME ? `${name.slice(0, LONGEST_NAME)}…` : name);
  if (!('trouble' in stage)) return `${short} is ready.`;
  return `${short}: ${CHIPS[stage.at].text.toLowerCase()}, ${stage.trouble.message}.`;
}

/** Keeps a name's marks for writing direction to the name. */
export function isolated(name: string): string {
  return `\u2068${name}\u2069`;
}
